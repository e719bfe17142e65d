using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>
/// The buffers of a run, shared by all lanes: a lane holds one only from the first byte of an answer until it is
/// written. So memory follows the threads, not the disks, and the buffer used last, still in the cache, is used next.
/// </summary>
internal sealed class BufferPool(int length) : INbdBufferSource, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<NbdBuffer> _free = new();

    public NbdBuffer Rent(int needed)
    {
        // The socket would write behind the buffer's end.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(needed, length);
        lock (_lock)
        {
            if (_free.TryPop(out var buffer)) return buffer;
        }

        return new NbdBuffer(length);
    }

    internal void Return(NbdBuffer buffer)
    {
        lock (_lock) _free.Push(buffer);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            while (_free.TryPop(out var buffer)) buffer.Dispose();
        }
    }
}
