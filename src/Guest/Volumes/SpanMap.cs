using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>A part of one disk: what a partition is.</summary>
internal sealed class SpanMap : VolumeMap
{
    /// <summary>Makes one.</summary>
    /// <param name="store">The disk.</param>
    /// <param name="disk">Its index among the guest's disks.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Length, bytes.</param>
    public SpanMap(IDiskReader store, int disk, long offset, long length)
        : base(length, [])
    {
        Store = store;
        Disk = disk;
        Offset = offset;
        Disks = [disk];
        IsReadOnly = store is not IBlockStore { IsReadOnly: false };
    }

    /// <summary>The disk.</summary>
    public IDiskReader Store { get; }

    /// <summary>Its index among the guest's disks.</summary>
    public int Disk { get; }

    /// <summary>First byte.</summary>
    public long Offset { get; }

    /// <inheritdoc/>
    public override long Locate(long offset, ICollection<VolumePlace> places)
    {
        places.Add(new VolumePlace(Store, Offset + offset));
        return Length - offset;
    }

    private protected override VolumeMap Cut(long offset, long length) => new SpanMap(Store, Disk, Offset + offset, length);
}
