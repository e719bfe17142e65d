namespace Hyper2Kvm.Nbd.Tests;

/// <summary>A buffer pool that tells how many it had to make.</summary>
internal sealed class CountingBuffers(int length) : INbdBufferSource, IDisposable
{
    private readonly Stack<NbdBuffer> _free = new();

    internal int Made { get; private set; }

    public NbdBuffer Rent(int needed)
    {
        if (_free.TryPop(out var buffer)) return buffer;
        Made++;
        return new NbdBuffer(length);
    }

    internal void Return(NbdBuffer buffer) => _free.Push(buffer);

    public void Dispose()
    {
        while (_free.TryPop(out var buffer)) buffer.Dispose();
    }
}
