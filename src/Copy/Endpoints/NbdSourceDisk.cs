using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>A source behind an NBD server. The connection that opened it is its first lane.</summary>
internal sealed class NbdSourceDisk : ISourceDisk
{
    private readonly NbdServerConnections _server;
    private readonly BufferPool _pool;

    internal NbdSourceDisk(NbdEndpoint endpoint, CopySettings settings, BufferPool pool)
    {
        _server = new NbdServerConnections(endpoint, settings, settings.SourceMayRestart ? null : "an overlay with changes");
        _pool = pool;
    }

    public ulong Size => _server.Export.Size;

    public string Identity => _server.Identity;

    public bool ManyLanes => _server.Export.MultiConn;

    public uint MinimumBlock => _server.Export.BlockSize.Minimum;

    public ISourceLane OpenLane() => new NbdSourceLane(_server.Take(), _pool);

    public void Dispose() => _server.Dispose();
}
