using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>A source behind an NBD server. The connection that opened it is its first lane.</summary>
internal sealed class NbdSourceDisk : ISourceDisk
{
    private readonly NbdEndpoint _endpoint;
    private readonly NbdConnectionOptions _options;
    private readonly int _requestSize;
    private readonly NbdExport _export;
    private NbdConnection? _first;

    internal NbdSourceDisk(NbdEndpoint endpoint, CopySettings settings, int requestSize)
    {
        _endpoint = endpoint;
        _options = new NbdConnectionOptions { Timeout = settings.Timeout };
        _requestSize = requestSize;
        _first = NbdConnection.Connect(endpoint, _options);
        _export = _first.Export;
        MaximumRead = _first.MaxRequest;
    }

    public ulong Size => _export.Size;

    public bool ManyLanes => _export.MultiConn;

    public uint MinimumBlock => _export.BlockSize.Minimum;

    public uint MaximumRead { get; }

    public ISourceLane OpenLane()
    {
        var connection = Interlocked.Exchange(ref _first, null) ?? NbdConnection.Connect(_endpoint, _options);
        if (connection.Size == Size) return new NbdSourceLane(connection, new BufferPool(_requestSize));
        connection.Dispose();
        throw new NbdProtocolException($"{_endpoint}: the export had {Size} bytes, and {connection.Size} on another connection.");
    }

    public void Dispose() => _first?.Dispose();
}
