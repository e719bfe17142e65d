using Hyper2Kvm.Copy.Journal;

namespace Hyper2Kvm.Copy;

/// <summary>
/// Cuts a disk into ranges while its extents become known. Extents are asked for in large steps and kept; data is
/// widened to whole blocks, so that all requests but the last of a disk are aligned.
/// </summary>
/// <param name="size">Of the disk, in bytes.</param>
/// <param name="align">A power of two: the page of O_DIRECT, or the source's minimum block if that is larger.</param>
/// <param name="rangeLength">Bytes of data in one range.</param>
/// <param name="done">What an earlier run has finished, in whole blocks. No extent that is handed out lies across its borders.</param>
/// <param name="skipDone">Do not hand that out.</param>
/// <param name="targetIsZero">Whether a range of the target, offset and length, reads as zeroes already: where it does not, zeroes are work.</param>
internal sealed class RangeQueue(ulong size, ulong align, ulong rangeLength, Func<ulong, ulong, bool> targetIsZero, ByteRanges? done = null, bool skipDone = true)
{
    /// <summary>Bytes of the disk in one question for extents, at first and at most; see NbdExtentReader.</summary>
    private const ulong FirstAsk = 256UL << 20;

    private const ulong LongestAsk = 1UL << 31;

    private const ulong ShortestAsk = 32UL << 20;

    /// <summary>An answer of more extents than this takes much memory: the next question is shorter.</summary>
    private const int ManyExtents = 8192;

    /// <summary>A gap of zeroes smaller than this between data is read along: a request costs more than the bytes.</summary>
    private const ulong SmallestGap = 64 * 1024;

    /// <summary>Bounds a range in a disk of nothing but small extents, or of nothing but zeroes.</summary>
    private const int MostExtents = 4096;

    private const ulong MostZeroes = 64UL << 30;

    /// <summary>Zeroes that must be written in one range, and so in one call of the target: a disk that writes them takes some seconds for it.</summary>
    internal const ulong MostZeroesToWrite = 1UL << 30;

    private readonly Queue<SourceExtent> _known = new();

    // The range in the making: kept when a question fails, so that nothing is lost if it is asked again elsewhere.
    private List<SourceExtent> _next = [];
    private ulong _data;
    private ulong _zeroes;
    private ulong _zeroesToWrite;
    private SourceExtent _open;
    private ulong _askLength = FirstAsk;
    private ulong _asked;
    private ulong _taken;

    /// <summary>All of the disk is handed out.</summary>
    internal bool IsEmpty => _taken >= size && _next.Count == 0;

    /// <summary>The next range, or null. One thread at a time.</summary>
    internal CopyRange? Take(ISourceLane lane)
    {
        while (_data < rangeLength && _zeroes < MostZeroes && _zeroesToWrite < MostZeroesToWrite && _next.Count < MostExtents && Next(lane, rangeLength - _data) is { } extent)
        {
            _next.Add(extent);
            if (!extent.IsZero) _data += extent.Length;
            else if (targetIsZero(extent.Offset, extent.Length)) _zeroes += extent.Length;
            else _zeroesToWrite += extent.Length;
        }

        if (_next.Count == 0) return null;
        var range = new CopyRange(_next);
        (_next, _data, _zeroes, _zeroesToWrite) = ([], 0, 0, 0);
        return range;
    }

    private SourceExtent? Next(ISourceLane lane, ulong limit)
    {
        while (true)
        {
            while (_known.Count == 0 && _asked < size) Ask(lane);
            if (_known.Count == 0) return null;
            var first = _known.Peek();
            var (isDone, border) = done?.At(_taken) ?? (false, ulong.MaxValue);
            var isSkipped = isDone && skipDone;
            var length = Math.Min(first.End, border) - _taken;
            if (!isSkipped && !first.IsZero && length > limit) length = Math.Min(length, (limit + align - 1) / align * align);
            if (!isSkipped && first.IsZero && length > MostZeroesToWrite && !targetIsZero(_taken, length)) length = MostZeroesToWrite;
            var extent = new SourceExtent(_taken, length, first.IsZero);
            _taken += length;
            if (_taken >= first.End) _known.Dequeue();
            if (!isSkipped) return extent;
        }
    }

    private void Ask(ISourceLane lane)
    {
        var answer = lane.Extents(_asked, Math.Min(_askLength, size - _asked));
        _askLength = answer.Count > ManyExtents ? Math.Max(_askLength / 4, ShortestAsk) : Math.Min(_askLength * 2, LongestAsk);
        foreach (var extent in answer)
        {
            Add(extent);
            _asked = extent.End;
        }

        if (_asked < size) return;
        _known.Enqueue(_open);
    }

    /// <summary>Joins, and moves the border between data and zeroes outwards to a multiple of the alignment.</summary>
    private void Add(SourceExtent extent)
    {
        var start = _open.End;
        var end = extent.End >= size ? size : extent.IsZero ? extent.End / align * align : (extent.End + align - 1) / align * align;
        end = Math.Min(end, size);
        if (end <= start) return;

        // Data only ever grew towards us, so all of this range has the extent's own kind or, if it is data, some zeroes before it.
        var next = new SourceExtent(start, end - start, extent.IsZero);
        if (_open.Length == 0)
        {
            _open = next;
            return;
        }

        if (next.IsZero == _open.IsZero || (next.IsZero && next.Length < SmallestGap && next.End < size))
        {
            _open = _open with { Length = _open.Length + next.Length };
            return;
        }

        _known.Enqueue(_open);
        _open = next;
    }
}
