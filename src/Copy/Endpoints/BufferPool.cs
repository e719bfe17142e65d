using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>
/// The buffers of one lane. A source answers reads one after the other, so one buffer circulates and stays in the
/// cache; more are made only if a server interleaves its answers. One thread's own.
/// </summary>
internal sealed class BufferPool(int length) : INbdBufferSource, IDisposable
{
    private readonly Stack<NbdBuffer> _free = new();

    public NbdBuffer Rent(int needed) => _free.TryPop(out var buffer) ? buffer : new NbdBuffer(length);

    internal void Return(NbdBuffer buffer) => _free.Push(buffer);

    public void Dispose()
    {
        while (_free.TryPop(out var buffer)) buffer.Dispose();
    }
}
