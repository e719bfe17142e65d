using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>A source behind an NBD server. The connection that opened it is its first lane.</summary>
internal sealed class NbdSourceDisk : ISourceDisk
{
    private readonly NbdEndpoint _endpoint;
    private readonly NbdConnectionOptions _options;
    private readonly BufferPool _pool;
    private readonly NbdExport _export;
    private readonly int _server;
    private readonly bool _mayRestart;
    private NbdConnection? _first;

    internal NbdSourceDisk(NbdEndpoint endpoint, CopySettings settings, BufferPool pool)
    {
        _endpoint = endpoint;
        _options = new NbdConnectionOptions { Timeout = settings.Timeout };
        _pool = pool;
        _first = NbdConnection.Connect(endpoint, _options);
        _export = _first.Export;
        _server = _first.ServerProcess;
        _mayRestart = settings.SourceMayRestart;
        MaximumRead = _first.MaxRequest;
    }

    public ulong Size => _export.Size;

    public string Identity => EndpointIdentity.OfServer(_endpoint, _server);

    public bool ManyLanes => _export.MultiConn;

    public uint MinimumBlock => _export.BlockSize.Minimum;

    public uint MaximumRead { get; }

    public ISourceLane OpenLane()
    {
        var connection = Interlocked.Exchange(ref _first, null) ?? NbdConnection.Connect(_endpoint, _options);
        if (connection.ServerProcess != _server && !_mayRestart)
        {
            connection.Dispose();
            throw new SourceRestartedException($"{_endpoint}: the server is another process ({connection.ServerProcess}) than before ({_server}): an overlay with changes would be lost");
        }

        if (connection.Size == Size) return new NbdSourceLane(connection, _pool);
        connection.Dispose();
        throw new NbdProtocolException($"{_endpoint}: the export had {Size} bytes, and {connection.Size} on another connection.");
    }

    public void Dispose() => _first?.Dispose();
}
