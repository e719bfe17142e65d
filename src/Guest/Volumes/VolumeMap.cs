using System.Collections.Immutable;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>Where the bytes of a volume lie: a tree of spans of disks, one after another, striped and mirrored. Immutable.</summary>
/// <remarks>
/// A map is made of maps, so LVM on md on a partition is nothing special. A tree is bounded when it is made: <see cref="Depth"/> and <see cref="Copies"/>
/// are kept small by its makers, for a guest can write any description of a volume into its headers.
/// </remarks>
internal abstract class VolumeMap : IDiskReader
{
    /// <summary>Most maps in one another; LVM RAID on md on partitions is 6.</summary>
    public const int DeepestTree = 16;

    /// <summary>Most places that one byte lies in.</summary>
    public const int MostCopies = 16;

    private protected VolumeMap(long length, IEnumerable<VolumeMap> parts)
    {
        Length = length;
        foreach (var part in parts)
        {
            Depth = Math.Max(Depth, part.Depth + 1);
            Copies = Math.Max(Copies, part.Copies);
            Disks = Disks.Union(part.Disks);
            Stores = Stores.Union(part.Stores);
            IsReadOnly |= part.IsReadOnly;
            WriteRefusal ??= part.WriteRefusal;
        }
    }

    /// <summary>Length, bytes.</summary>
    public long Length { get; }

    /// <summary>Maps in one another, from 0.</summary>
    public int Depth { get; }

    /// <summary>Most places that a byte of it lies in.</summary>
    public int Copies { get; protected init; } = 1;

    /// <summary>The disks that it lies on, in their order.</summary>
    public ImmutableSortedSet<int> Disks { get; protected init; } = [];

    /// <summary>What it lies on: disks, and opened containers.</summary>
    public ImmutableHashSet<IDiskReader> Stores { get; protected init; } = [];

    /// <summary>Whether some of it lies on what can only be read, or is not written (<see cref="WriteRefusal"/>).</summary>
    public bool IsReadOnly { get; protected init; }

    /// <summary>Why it is not written though its disks could be, with what helps; <see langword="null"/> where nothing stands in the way.</summary>
    public string? WriteRefusal { get; protected init; }

    /// <summary>The places of one byte, and how many bytes lie there in one piece.</summary>
    /// <param name="offset">The byte; below <see cref="Length"/>.</param>
    /// <param name="places">The places are added to these: those that are read first.</param>
    /// <returns>Bytes from <paramref name="offset"/> on for which all the places hold; at least 1.</returns>
    public abstract long Locate(long offset, ICollection<VolumePlace> places);

    /// <summary>A part of it.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Length, bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie within the map.</exception>
    public VolumeMap Slice(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        return offset == 0 && length == Length ? this : Cut(offset, length);
    }

    /// <inheritdoc/>
    public int ReadAt(Span<byte> buffer, long offset)
    {
        var total = 0;
        var places = new List<VolumePlace>();
        while (total < buffer.Length && offset + total < Length)
        {
            places.Clear();
            var run = Locate(offset + total, places);
            var piece = buffer.Slice(total, (int)Math.Min(run, buffer.Length - total));
            ReadPiece(places, piece);
            total += piece.Length;
        }

        return total;
    }

    private protected virtual VolumeMap Cut(long offset, long length) => new SliceMap(this, offset, length);

    /// <summary>The next copy is for a read that fails: that is what mirrors are for.</summary>
    private static void ReadPiece(List<VolumePlace> places, Span<byte> piece)
    {
        var readable = places.Where(place => place.IsReadable).ToList();
        for (var copy = 0; copy < readable.Count; copy++)
        {
            try
            {
                var count = readable[copy].Store.ReadAt(piece, readable[copy].Offset);
                piece[count..].Clear();
                return;
            }
            catch (StepException) when (copy + 1 < readable.Count)
            {
                // The last one's failure comes through.
            }
        }
    }

    private sealed class SliceMap(VolumeMap whole, long start, long length) : VolumeMap(length, [whole])
    {
        public override long Locate(long offset, ICollection<VolumePlace> places) => Math.Min(whole.Locate(start + offset, places), Length - offset);

        private protected override VolumeMap Cut(long offset, long length) => whole.Slice(start + offset, length);
    }
}
