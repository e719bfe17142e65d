using System.Collections.Immutable;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>A part of one disk, which is what a partition is, or of an opened container.</summary>
internal sealed class SpanMap : VolumeMap
{
    /// <summary>Makes one.</summary>
    /// <param name="store">The disk.</param>
    /// <param name="disk">Its index among the guest's disks.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Length, bytes.</param>
    /// <param name="disks">Indexes of all disks below, where the store is not that one disk.</param>
    public SpanMap(IDiskReader store, int disk, long offset, long length, ImmutableSortedSet<int>? disks = null)
        : base(length, [])
    {
        Store = store;
        Disk = disk;
        Offset = offset;
        Disks = disks ?? [disk];
        Stores = [store];
        IsReadOnly = store is not IBlockStore { IsReadOnly: false };
    }

    /// <summary>The disk or container.</summary>
    public IDiskReader Store { get; }

    /// <summary>Index among the guest's disks; the first of several.</summary>
    public int Disk { get; }

    /// <summary>First byte.</summary>
    public long Offset { get; }

    /// <inheritdoc/>
    public override long Locate(long offset, ICollection<VolumePlace> places)
    {
        places.Add(new VolumePlace(Store, Offset + offset));
        return Length - offset;
    }

    private protected override VolumeMap Cut(long offset, long length) => new SpanMap(Store, Disk, Offset + offset, length, Disks);
}
