using System.Net.Sockets;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>Stands before a server in this process and cuts the first few connections after so many bytes of answers.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<Thread> _threads = [];
    private readonly string _server;
    private readonly long _cutAfter;
    private int _cuts;
    private volatile bool _ended;

    internal CuttingProxy(string server, string socket, long cutAfter, int cuts)
    {
        (_server, Socket, _cutAfter, _cuts) = (server, socket, cutAfter, cuts);
        _listener.Bind(new UnixDomainSocketEndPoint(socket));
        _listener.Listen();
        Start(Accept);
    }

    internal string Socket { get; }

    internal int CutsMade { get; private set; }

    public void Dispose()
    {
        // A thread in accept(2) is woken by a client, not by the end of its socket.
        _ended = true;
        using (var last = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            last.Connect(new UnixDomainSocketEndPoint(Socket));
            Thread acceptor;
            lock (_threads) acceptor = _threads[0];
            acceptor.Join();
        }

        _listener.Dispose();
        Thread[] threads;
        lock (_threads) threads = [.. _threads];
        foreach (var thread in threads) thread.Join();
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var client = _listener.Accept();
                if (_ended)
                {
                    client.Dispose();
                    return;
                }

                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                server.Connect(new UnixDomainSocketEndPoint(_server));
                Start(() => Pump(client, server, long.MaxValue, endTarget: false));
                Start(() => Pump(server, client, Interlocked.Decrement(ref _cuts) >= 0 ? _cutAfter : long.MaxValue, endTarget: true));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Pump(Socket from, Socket to, long limit, bool endTarget)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (from.Receive(buffer) is > 0 and var n)
            {
                limit -= n;
                if (limit < 0)
                {
                    lock (_threads) CutsMade++;
                    End(to);
                    Leave(from, buffer);
                    break;
                }

                for (var sent = 0; sent < n;) sent += to.Send(buffer.AsSpan(sent, n - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other half ended it.
        }

        End(from);
        if (endTarget) End(to);
        else HalfEnd(to);
    }

    /// <summary>Leaves the server politely, which nbdkit 1.32.5 needs to survive: see Lane.LeaveSource.</summary>
    private static void Leave(Socket server, byte[] buffer)
    {
        server.Shutdown(SocketShutdown.Send);
        while (server.Receive(buffer) > 0)
        {
        }
    }

    private static void HalfEnd(Socket server)
    {
        try
        {
            server.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other half was first.
        }
    }

    private static void End(Socket socket)
    {
        try
        {
            // Wakes the other half's thread, which closing alone does not.
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other half was first.
        }

        socket.Dispose();
    }

    private void Start(Action work)
    {
        var thread = new Thread(() => work()) { IsBackground = true };
        lock (_threads) _threads.Add(thread);
        thread.Start();
    }
}
