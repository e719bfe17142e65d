namespace Hyper2Kvm.Guest.Volumes;

/// <summary>Maps one after another: segments of a logical volume, md's linear level, zones of RAID 0.</summary>
internal sealed class JoinedMap : VolumeMap
{
    private readonly VolumeMap[] _parts;
    private readonly long[] _starts;

    private JoinedMap(VolumeMap[] parts)
        : base(parts.Sum(part => part.Length), parts)
    {
        _parts = parts;
        _starts = new long[parts.Length];
        for (var index = 1; index < parts.Length; index++)
        {
            _starts[index] = _starts[index - 1] + parts[index - 1].Length;
        }
    }

    /// <summary>Joins maps; spans that go on in one another become one span.</summary>
    /// <param name="parts">The maps, at least one.</param>
    public static VolumeMap Join(IEnumerable<VolumeMap> parts)
    {
        var joined = new List<VolumeMap>();
        foreach (var part in parts.Where(part => part.Length > 0))
        {
            if (part is SpanMap next && joined.LastOrDefault() is SpanMap last && last.Store == next.Store && last.Offset + last.Length == next.Offset)
            {
                joined[^1] = new SpanMap(last.Store, last.Disk, last.Offset, last.Length + next.Length);
            }
            else
            {
                joined.Add(part);
            }
        }

        return joined.Count == 1 ? joined[0] : new JoinedMap([.. joined]);
    }

    /// <inheritdoc/>
    public override long Locate(long offset, ICollection<VolumePlace> places)
    {
        var index = Array.BinarySearch(_starts, offset);
        index = index < 0 ? ~index - 1 : index;
        return _parts[index].Locate(offset - _starts[index], places);
    }
}
