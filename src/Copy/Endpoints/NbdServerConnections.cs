using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>The connections to one server: all are to the process that was there first, and to the same disk. The one that was opened first is handed out first.</summary>
internal sealed class NbdServerConnections : IDisposable
{
    private readonly NbdEndpoint _endpoint;
    private readonly NbdConnectionOptions _options;
    private readonly string? _lostWithServer;
    private readonly int _server;
    private NbdConnection? _first;

    /// <summary>Connects.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="settings">How long to wait for it.</param>
    /// <param name="lostWithServer">What another process would not have; null where the server may be started anew.</param>
    /// <exception cref="NbdException">It is not there, or refuses.</exception>
    internal NbdServerConnections(NbdEndpoint endpoint, CopySettings settings, string? lostWithServer)
    {
        _endpoint = endpoint;
        _options = new NbdConnectionOptions { Timeout = settings.Timeout, FlushTimeout = settings.FlushTimeout };
        _lostWithServer = lostWithServer;
        _first = NbdConnection.Connect(endpoint, _options);
        _server = _first.ServerProcess;
        Export = _first.Export;
        Identity = EndpointIdentity.OfServer(endpoint, _server);
    }

    internal NbdExport Export { get; }

    /// <summary>See <see cref="EndpointIdentity"/>.</summary>
    internal string Identity { get; }

    /// <summary>The first connection, until a lane has it.</summary>
    internal NbdConnection First => _first!;

    /// <summary>A connection for a lane.</summary>
    /// <exception cref="ServerRestartedException">The server is another process.</exception>
    /// <exception cref="NbdException">It is not there, or its disk has another size by now.</exception>
    internal NbdConnection Take()
    {
        var connection = Interlocked.Exchange(ref _first, null) ?? NbdConnection.Connect(_endpoint, _options);
        Exception? wrong = connection switch
        {
            _ when connection.ServerProcess != _server && _lostWithServer is not null => new ServerRestartedException(
                $"{_endpoint}: the server is another process ({connection.ServerProcess}) than before ({_server}): {_lostWithServer} would be lost"),
            _ when connection.Size != Export.Size => new NbdProtocolException($"{_endpoint}: the export had {Export.Size} bytes, and {connection.Size} on another connection."),
            _ => null,
        };
        if (wrong is null) return connection;
        connection.Dispose();
        throw wrong;
    }

    public void Dispose() => _first?.Dispose();
}
