namespace Hyper2Kvm.Nbd;

/// <summary>
/// Walks the extents of an export from front to back. Asks in large ranges and keeps the answer, because servers
/// answer slowly (facts: nbdkit's file plugin on tmpfs) and give much at once. Neighbours of the same flags are joined.
/// </summary>
/// <param name="size">The export's size in bytes.</param>
/// <param name="askLength">Bytes per question; <see cref="DefaultAskLength"/> is a good one.</param>
public sealed class NbdExtentReader(ulong size, uint askLength = NbdExtentReader.DefaultAskLength)
{
    /// <summary>2 GiB: the largest power of two that fits the 32-bit length of a request.</summary>
    public const uint DefaultAskLength = 1u << 31;

    private readonly Queue<NbdExtent> _kept = new();
    private ulong _asked;

    /// <summary>Where the next extent starts, in bytes.</summary>
    public ulong Position { get; private set; }

    /// <summary>
    /// The next extent, at most <paramref name="limit"/> bytes of it, or null at the end. Without
    /// <paramref name="context"/> on this connection the whole disk is one extent with no flag set.
    /// </summary>
    /// <param name="connection">Any connection to the export; it may have requests in flight.</param>
    /// <param name="limit">Bytes.</param>
    /// <param name="context">The metadata context.</param>
    /// <exception cref="NbdException">The question failed.</exception>
    public NbdExtent? Next(NbdConnection connection, ulong limit = ulong.MaxValue, string context = NbdConnectionOptions.BaseAllocation)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentOutOfRangeException.ThrowIfZero(limit);
        if (Position >= size) return null;
        if (_kept.Count == 0) Ask(connection, context);
        var first = _kept.Peek();
        var length = Math.Min(first.End - Position, limit);
        var extent = new NbdExtent(Position, length, first.Flags);
        Position += length;
        if (Position == first.End) _kept.Dequeue();
        return extent;
    }

    private void Ask(NbdConnection connection, string context)
    {
        if (!connection.Export.MetaContexts.ContainsKey(context))
        {
            _kept.Enqueue(new NbdExtent(Position, size - Position, 0));
            return;
        }

        var answer = connection.BlockStatus(context, _asked, (uint)Math.Min(askLength, size - _asked));
        var open = answer[0];
        foreach (var extent in answer.Skip(1))
        {
            if (extent.Flags == open.Flags)
            {
                open = open with { Length = open.Length + extent.Length };
                continue;
            }

            _kept.Enqueue(open);
            open = extent;
        }

        _kept.Enqueue(open);
        _asked = open.End;
    }
}
