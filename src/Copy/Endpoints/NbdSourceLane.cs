using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>Reads over one NBD connection.</summary>
internal sealed class NbdSourceLane(NbdConnection connection, BufferPool pool) : ISourceLane
{
    public int InFlight => connection.InFlight;

    public IReadOnlyList<SourceExtent> Extents(ulong offset, ulong length)
    {
        if (!connection.Export.MetaContexts.ContainsKey(NbdConnectionOptions.BaseAllocation)) return [new SourceExtent(offset, length, false)];
        var extents = connection.BlockStatus(NbdConnectionOptions.BaseAllocation, offset, (uint)Math.Min(length, NbdExtentReader.DefaultAskLength));
        return [.. extents.Select(e => new SourceExtent(e.Offset, e.Length, e.IsZero))];
    }

    public void Submit(ulong offset, uint length) => connection.SubmitRead(offset, length, pool);

    public SourceData Receive()
    {
        var completion = connection.WaitAny();
        return new SourceData(completion.Offset, completion.Length, completion.Buffer, completion.Error);
    }

    public void Return(NbdBuffer buffer) => pool.Return(buffer);

    public void Shutdown() => connection.Shutdown();

    public void Dispose() => connection.Dispose();
}
