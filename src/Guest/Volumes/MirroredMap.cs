namespace Hyper2Kvm.Guest.Volumes;

/// <summary>The same bytes in several maps: RAID 1. Read from the first that can be read, written to all.</summary>
/// <remarks>
/// Always the first, never by turns: copies that differ (an array that was not shut down) give one answer then, as the kernel's resync will, which
/// copies the first over the others. A copy that is being rebuilt is written and not read.
/// </remarks>
internal sealed class MirroredMap : VolumeMap
{
    private readonly VolumeMap[] _readable;
    private readonly VolumeMap[] _rebuilding;

    private MirroredMap(VolumeMap[] readable, VolumeMap[] rebuilding, long length)
        : base(length, readable.Concat(rebuilding))
    {
        _readable = readable;
        _rebuilding = rebuilding;
        Copies = readable.Concat(rebuilding).Sum(leg => leg.Copies);
    }

    /// <summary>Makes one.</summary>
    /// <param name="readable">Copies that are whole, at least one; each at least as long as the whole.</param>
    /// <param name="rebuilding">Copies that are being rebuilt.</param>
    /// <param name="length">Length of the whole, bytes.</param>
    public static VolumeMap Make(IReadOnlyList<VolumeMap> readable, IReadOnlyList<VolumeMap> rebuilding, long length)
    {
        ArgumentOutOfRangeException.ThrowIfZero(readable.Count);
        return readable.Count == 1 && rebuilding.Count == 0
            ? readable[0].Slice(0, length)
            : new MirroredMap([.. readable.Select(leg => leg.Slice(0, length))], [.. rebuilding.Select(leg => leg.Slice(0, length))], length);
    }

    /// <inheritdoc/>
    public override long Locate(long offset, ICollection<VolumePlace> places)
    {
        var run = Length - offset;
        foreach (var leg in _readable)
        {
            run = Math.Min(run, leg.Locate(offset, places));
        }

        if (_rebuilding.Length > 0)
        {
            var written = new List<VolumePlace>();
            foreach (var leg in _rebuilding)
            {
                run = Math.Min(run, leg.Locate(offset, written));
            }

            written.ForEach(place => places.Add(place with { IsReadable = false }));
        }

        return run;
    }
}
