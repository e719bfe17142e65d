namespace Hyper2Kvm.Nbd;

/// <summary>
/// Which bytes of one read have come. proto.md, "Structured replies": chunks come in any order, must not overlap,
/// and must cover the request. Kept as sorted, merged ranges; nearly always one.
/// </summary>
internal sealed class Coverage
{
    private readonly List<(uint Start, uint End)> _ranges = [];

    /// <summary>Notes a range; false if a byte of it had come before.</summary>
    internal bool Add(uint start, uint end)
    {
        var at = _ranges.BinarySearch((start, end));
        if (at < 0) at = ~at;
        if (at > 0 && _ranges[at - 1].End > start) return false;
        if (at < _ranges.Count && _ranges[at].Start < end) return false;
        var joinsPrevious = at > 0 && _ranges[at - 1].End == start;
        var joinsNext = at < _ranges.Count && _ranges[at].Start == end;
        if (joinsPrevious && joinsNext)
        {
            _ranges[at - 1] = (_ranges[at - 1].Start, _ranges[at].End);
            _ranges.RemoveAt(at);
        }
        else if (joinsPrevious)
        {
            _ranges[at - 1] = (_ranges[at - 1].Start, end);
        }
        else if (joinsNext)
        {
            _ranges[at] = (start, _ranges[at].End);
        }
        else
        {
            _ranges.Insert(at, (start, end));
        }

        return true;
    }

    /// <summary>Has every byte of 0 to <paramref name="length"/> come?</summary>
    internal bool Covers(uint length) => _ranges.Count == 1 && _ranges[0] == (0, length);
}
