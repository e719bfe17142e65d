namespace Hyper2Kvm.Guest.Volumes;

/// <summary>Chunks dealt out over several maps by turns: RAID 0.</summary>
internal sealed class StripedMap : VolumeMap
{
    private readonly VolumeMap[] _legs;
    private readonly long _chunk;

    private StripedMap(VolumeMap[] legs, long chunk, long length)
        : base(length, legs)
    {
        _legs = legs;
        _chunk = chunk;
    }

    /// <summary>Makes one.</summary>
    /// <param name="legs">The maps, in the order of their turns; each at least as long as its share.</param>
    /// <param name="chunk">Bytes of a chunk.</param>
    /// <param name="length">Length of the whole, bytes; a multiple of legs and chunk, or the last row is not full.</param>
    public static VolumeMap Make(IReadOnlyList<VolumeMap> legs, long chunk, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunk);
        ArgumentOutOfRangeException.ThrowIfZero(legs.Count);
        if (legs.Count == 1)
        {
            return legs[0].Slice(0, length);
        }

        var row = checked(chunk * legs.Count);
        var share = checked(((length / row) + (length % row == 0 ? 0 : 1)) * chunk);
        return legs.All(leg => leg.Length >= share)
            ? new StripedMap([.. legs], chunk, length)
            : throw new ArgumentException($"a leg is shorter than its share of {share} bytes", nameof(legs));
    }

    /// <inheritdoc/>
    public override long Locate(long offset, ICollection<VolumePlace> places)
    {
        var (chunk, within) = Math.DivRem(offset, _chunk);
        var (row, leg) = Math.DivRem(chunk, _legs.Length);
        return Math.Min(Math.Min(_legs[leg].Locate((row * _chunk) + within, places), _chunk - within), Length - offset);
    }
}
