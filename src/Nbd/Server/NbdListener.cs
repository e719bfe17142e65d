using System.Net.Sockets;

namespace Hyper2Kvm.Nbd.Server;

/// <summary>
/// An NBD server within this process: one disk, for writing only where it is an <see cref="IWritableServedDisk"/>, as the default export on a Unix socket. Fixed newstyle with structured replies
/// and <c>base:allocation</c> (proto.md, "Newstyle negotiation", "Structured reply", "Metadata querying"), for any number of
/// clients (NBD_FLAG_CAN_MULTI_CONN). A client that breaks the protocol loses its connection, nothing else.
/// </summary>
public sealed class NbdListener : IDisposable
{
    /// <summary>Clients that wait to be accepted; each is in microseconds.</summary>
    private const int Backlog = 64;

    private readonly Socket _socket;
    private readonly string _path;
    private readonly IServedDisk _disk;
    private readonly NbdListenerOptions _options;
    private readonly HashSet<ServerConnection> _connections = [];
    private readonly Thread _accepting;
    private bool _over;

    private NbdListener(Socket socket, string path, IServedDisk disk, NbdListenerOptions options)
    {
        _socket = socket;
        _path = path;
        _disk = disk;
        _options = options;
        _accepting = new Thread(Accept) { IsBackground = true, Name = "nbd listener" };
    }

    /// <summary>Begins to serve; when it returns, clients can connect.</summary>
    /// <param name="path">The socket that is made; nothing may be there. At most 107 bytes, see unix(7).</param>
    /// <param name="disk">The disk. Not disposed of.</param>
    /// <param name="options">Threads, log; null for the defaults.</param>
    /// <exception cref="NbdConnectionException">The socket cannot be made.</exception>
    public static NbdListener Start(string path, IServedDisk disk, NbdListenerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(disk);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            socket.Listen(Backlog);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new NbdConnectionException($"{path}: cannot listen: {e.Message}", e);
        }

        var listener = new NbdListener(socket, path, disk, options ?? new NbdListenerOptions());
        listener._accepting.Start();
        return listener;
    }

    /// <summary>Ends all connections, waits until their threads are done with the disk, and removes the socket.</summary>
    public void Dispose()
    {
        lock (_connections)
        {
            if (_over) return;
            _over = true;
            foreach (var connection in _connections) connection.Shutdown();
        }

        // Closing ends the wait in accept(2): .NET interrupts it.
        _socket.Dispose();
        _accepting.Join();
        lock (_connections)
        {
            while (_connections.Count > 0) Monitor.Wait(_connections);
        }

        File.Delete(_path);
    }

    private void Accept()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = _socket.Accept();
            }
            catch (SocketException failure) when (failure.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable && !_over)
            {
                // The next client may find room again. Not a tight loop: accept(2) fails only with a client in the queue, which we cannot remove.
                _options.Log?.Invoke($"a client was not accepted: {failure.Message}");
                lock (_connections) Monitor.Wait(_connections, TimeSpan.FromMilliseconds(100));
                continue;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                if (!_over) _options.Log?.Invoke($"no more clients are accepted: {e.Message}");
                return;
            }

            var connection = new ServerConnection(client, _disk, _options, Ended);
            lock (_connections)
            {
                _connections.Add(connection);
                if (_over) connection.Shutdown();
                connection.Start();
            }
        }
    }

    private void Ended(ServerConnection connection)
    {
        lock (_connections)
        {
            _connections.Remove(connection);
            Monitor.PulseAll(_connections);
        }
    }
}
