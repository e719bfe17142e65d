using System.Net.Sockets;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>A Unix socket before another one, which hangs up at once on some of the connections that are made to it.</summary>
internal sealed class RefusingProxy : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _server;
    private readonly Func<int, bool> _refuses;
    private readonly List<Socket> _open = [];
    private readonly List<Thread> _threads = [];
    private bool _over;

    /// <summary>Listens.</summary>
    /// <param name="path">The socket to make.</param>
    /// <param name="server">The socket behind it.</param>
    /// <param name="refuses">Gets the number of a connection, from 0.</param>
    public RefusingProxy(string path, string server, Func<int, bool> refuses)
    {
        _server = server;
        _refuses = refuses;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(16);
        Run(Accept);
    }

    /// <summary>Connections so far.</summary>
    public int Connections { get; private set; }

    public void Dispose()
    {
        lock (_open)
        {
            _over = true;
            _open.ForEach(Close);
        }

        Close(_listener);
        Thread[] threads;
        lock (_threads)
        {
            threads = [.. _threads];
        }

        Array.ForEach(threads, thread => thread.Join());
    }

    private static void Close(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other side was first.
        }

        socket.Dispose();
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var client = _listener.Accept();
                if (_refuses(Connections++))
                {
                    client.Dispose();
                    continue;
                }

                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                server.Connect(new UnixDomainSocketEndPoint(_server));
                lock (_open)
                {
                    if (_over)
                    {
                        Close(client);
                        Close(server);
                        return;
                    }

                    _open.AddRange([client, server]);
                }

                Run(() => Pump(client, server));
                Run(() => Pump(server, client));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private void Pump(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = from.Receive(buffer)) > 0)
            {
                to.Send(buffer.AsSpan(0, count));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // One side is gone; its own pump ends too.
        }
    }

    private void Run(Action body)
    {
        var thread = new Thread(() => body()) { IsBackground = true };
        lock (_threads)
        {
            _threads.RemoveAll(old => !old.IsAlive);
            _threads.Add(thread);
            thread.Start();
        }
    }
}
