namespace Hyper2Kvm.Copy.Journal;

/// <summary>A set of bytes of a disk: ranges in order, which neither touch nor overlap. One thread at a time.</summary>
internal sealed class ByteRanges
{
    private readonly List<(ulong Offset, ulong End)> _ranges = [];

    /// <summary>Bytes in the set.</summary>
    internal ulong Total => _ranges.Aggregate(0UL, (sum, range) => sum + range.End - range.Offset);

    /// <summary>In order, offset and length in bytes.</summary>
    internal IEnumerable<(ulong Offset, ulong Length)> Ranges => _ranges.Select(range => (range.Offset, range.End - range.Offset));

    /// <summary>Puts a range into the set, whatever of it is there already.</summary>
    /// <param name="offset">Bytes.</param>
    /// <param name="length">Bytes.</param>
    internal void Add(ulong offset, ulong length)
    {
        if (length == 0) return;
        var (start, end) = (offset, offset + length);

        // All that touch the new one become one with it.
        var first = IndexOfFirstEndingAtOrAfter(start);
        var last = first;
        for (; last < _ranges.Count && _ranges[last].Offset <= end; last++)
        {
            start = Math.Min(start, _ranges[last].Offset);
            end = Math.Max(end, _ranges[last].End);
        }

        _ranges.RemoveRange(first, last - first);
        _ranges.Insert(first, (start, end));
    }

    /// <summary>How far all bytes from here are in the set, or are not.</summary>
    /// <param name="offset">Bytes.</param>
    /// <returns>Whether the byte is in the set, and where that ends; <see cref="ulong.MaxValue"/> behind the last range.</returns>
    internal (bool Inside, ulong End) At(ulong offset)
    {
        var index = IndexOfFirstEndingAtOrAfter(offset + 1);
        if (index == _ranges.Count) return (false, ulong.MaxValue);
        var range = _ranges[index];
        return range.Offset <= offset ? (true, range.End) : (false, range.Offset);
    }

    /// <summary>The whole blocks of the set.</summary>
    /// <param name="align">Bytes of a block.</param>
    /// <param name="size">Of the disk, bytes: its last block may be short.</param>
    internal ByteRanges WholeBlocks(ulong align, ulong size)
    {
        var whole = new ByteRanges();
        foreach (var (offset, end) in _ranges)
        {
            var (first, last) = ((offset + align - 1) / align * align, end >= size ? size : end / align * align);
            if (last > first) whole.Add(first, last - first);
        }

        return whole;
    }

    internal void Clear() => _ranges.Clear();

    private int IndexOfFirstEndingAtOrAfter(ulong offset)
    {
        int low = 0, high = _ranges.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].End < offset) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
