using System.Net.Sockets;

namespace Hyper2Kvm.Nbd.Server;

/// <summary>
/// One client. Its threads take turns: one waits for the next request while the others work on theirs, so the requests that a client keeps
/// in flight are answered on several cores, in whatever order they are done (proto.md, "Ordering of messages and writes").
/// </summary>
internal sealed class ServerConnection : IDisposable
{
    /// <summary>Nothing here goes deep.</summary>
    private const int StackBytes = 256 << 10;

    private readonly ClientSocket _client;
    private readonly IServedDisk _disk;
    private readonly NbdListenerOptions _options;
    private readonly Action<ServerConnection> _ended;
    private readonly Lock _receiving = new();
    private ServerReplies? _replies;
    private int _threads = 1;
    private int _waiting;
    private volatile bool _over;

    internal ServerConnection(Socket socket, IServedDisk disk, NbdListenerOptions options, Action<ServerConnection> ended)
    {
        _client = new ClientSocket(socket);
        _disk = disk;
        _options = options;
        _ended = ended;
    }

    /// <summary>Begins to talk, on threads of its own. When the last of them is done, it says so and is closed.</summary>
    internal void Start() => StartThread(() =>
    {
        var handshake = new ServerHandshake(_client, _disk);
        if (!handshake.Run()) return;
        _replies = new ServerReplies(_client, _disk, _options, handshake.StructuredReplies, handshake.BaseAllocation);
        Serve();
    });

    /// <summary>Ends it from any thread.</summary>
    internal void Shutdown()
    {
        _over = true;
        _client.Shutdown();
    }

    /// <summary>Closes the socket; done by the last of its own threads.</summary>
    public void Dispose() => _client.Dispose();

    private void StartThread(Action body) => new Thread(
        () =>
        {
            try
            {
                body();
            }
            catch (Exception e)
            {
                // A defect of ours, or no memory: it costs this connection, never the others or the process.
                _options.Log?.Invoke($"connection lost: {e}");
                Shutdown();
            }

            if (Interlocked.Decrement(ref _threads) > 0) return;
            Dispose();
            _ended(this);
        },
        StackBytes) { IsBackground = true, Name = "nbd" }.Start();

    private void Serve()
    {
        using var buffer = new NbdBuffer(_options.PieceLength);
        while (Receive(buffer.Span, out var large) is { } request)
        {
            using (large)
            {
                if (!_replies!.Answer(request, large is null ? buffer.Span : large.Span)) Shutdown();
            }
        }
    }

    /// <summary>Takes the next request, and what it wants to be written.</summary>
    /// <param name="buffer">Where that goes if it fits.</param>
    /// <param name="large">Where it went if not.</param>
    private ServerRequest? Receive(Span<byte> buffer, out NbdBuffer? large)
    {
        large = null;
        Interlocked.Increment(ref _waiting);
        lock (_receiving)
        {
            Span<byte> bytes = stackalloc byte[Wire.RequestLength];
            var request = !_over && _client.Receive(bytes) ? ServerRequest.Parse(bytes) : null;
            if (request is { Command: NbdCommand.Write } write && !ReceivePayload(write, buffer, out large)) request = null;

            // "NBD_CMD_DISC": what is in flight is answered still, nothing more is taken.
            if (request is null or { Command: NbdCommand.Disconnect })
            {
                _over = true;
                Interlocked.Decrement(ref _waiting);
                return null;
            }

            // Nobody stands ready for the request after this one.
            if (Interlocked.Decrement(ref _waiting) == 0 && _threads < _options.ThreadsPerConnection)
            {
                Interlocked.Increment(ref _threads);
                StartThread(Serve);
            }

            return request;
        }
    }

    private bool ReceivePayload(in ServerRequest write, Span<byte> buffer, out NbdBuffer? large)
    {
        large = null;
        if (write.Length > NbdConnection.MaxPayload) return false;
        if (_disk is not IWritableServedDisk) return _client.Skip(write.Length);
        if (write.Length <= buffer.Length) return _client.Receive(buffer[..(int)write.Length]);
        large = new NbdBuffer((int)write.Length);
        if (_client.Receive(large.Span)) return true;
        large.Dispose();
        return false;
    }
}
