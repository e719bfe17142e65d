using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Helpers.Input.Streams;

/// <summary>Inflated grains of all disks of a guest that were wanted in pieces, the least recently used of them leaving first. Safe for many threads.</summary>
internal sealed class GrainCache(long capacity) : IDisposable
{
    /// <summary>What the metadata of a mounted file system is found in again and again; a copy, which reads whole grains once, needs none of it.</summary>
    public const long DefaultBytes = 16 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<(object Disk, long Grain), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _used = new();
    private long _bytes;

    /// <summary>Copies from a grain, if it is here.</summary>
    /// <param name="disk">Whose grain.</param>
    /// <param name="grain">Its index.</param>
    /// <param name="start">Where in the grain, bytes.</param>
    /// <param name="into">Filled.</param>
    public bool TryCopy(object disk, long grain, int start, Span<byte> into)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue((disk, grain), out var node))
            {
                return false;
            }

            _used.Remove(node);
            _used.AddFirst(node);
            node.Value.Data.Span.Slice(start, into.Length).CopyTo(into);
            return true;
        }
    }

    /// <summary>Takes a copy of a grain that is not here.</summary>
    /// <param name="disk">Whose grain.</param>
    /// <param name="grain">Its index.</param>
    /// <param name="data">What it inflates to.</param>
    public void Add(object disk, long grain, ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            if (data.Length > capacity || _entries.ContainsKey((disk, grain)))
            {
                return;
            }

            NbdBuffer? buffer = null;
            while (_bytes + data.Length > capacity)
            {
                var oldest = _used.Last!.Value;
                _used.RemoveLast();
                _entries.Remove((oldest.Disk, oldest.Grain));
                _bytes -= oldest.Data.Capacity;
                buffer?.Dispose();
                buffer = oldest.Data;
            }

            if (buffer?.Capacity != data.Length)
            {
                buffer?.Dispose();
                buffer = new NbdBuffer(data.Length);
            }

            data.CopyTo(buffer.Span);
            _bytes += buffer.Capacity;
            _entries.Add((disk, grain), _used.AddFirst(new Entry(disk, grain, buffer)));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var entry in _used)
            {
                entry.Data.Dispose();
            }

            _used.Clear();
            _entries.Clear();
            _bytes = 0;
        }
    }

    private sealed record Entry(object Disk, long Grain, NbdBuffer Data);
}
