using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Hyper2Kvm.Nbd.NativeMethods;

namespace Hyper2Kvm.Nbd;

/// <summary>
/// Bytes over a blocking socket, exactly as many as asked for, each wait under one deadline. Not for two threads at
/// once, but <see cref="Shutdown"/> may come from any.
/// </summary>
internal sealed unsafe class Transport : IDisposable
{
    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;
    private readonly NbdEndpoint _endpoint;
    private readonly TimeProvider _time;
    private TimeSpan _timeout;

    internal Transport(NbdEndpoint endpoint, NbdConnectionOptions options)
    {
        _endpoint = endpoint;
        _timeout = options.Timeout;
        _time = options.TimeProvider;
        _socket = endpoint.Open(options.Timeout);
        _handle = _socket.SafeHandle;
        ServerProcess = endpoint.SocketPath is null ? 0 : PeerProcess(_socket);
    }

    internal int ServerProcess { get; }

    /// <summary>The longest wait for bytes from now on.</summary>
    internal TimeSpan Timeout
    {
        set
        {
            _timeout = value;
            _socket.ReceiveTimeout = NbdEndpoint.Milliseconds(value);
        }
    }

    internal NbdEndpoint Endpoint => _endpoint;

    internal void Receive(Span<byte> into, string what)
    {
        fixed (byte* p = into) Receive(p, into.Length, what);
    }

    /// <summary>Fills all of the buffer. MSG_WAITALL: one system call for a whole payload.</summary>
    internal void Receive(byte* into, int length, string what)
    {
        var start = _time.GetTimestamp();
        var done = 0;
        while (done < length)
        {
            var n = NativeMethods.Receive(_handle, into + done, (nuint)(length - done), MsgWaitAll);
            if (n > 0)
            {
                done += (int)n;

                // A short count is a signal or the end of SO_RCVTIMEO; a server that sends a byte now and then must
                // not stretch the deadline.
                if (done < length && _time.GetElapsedTime(start) >= _timeout) throw Late(what, done, length);
                continue;
            }

            if (n == 0) throw Ended(what, done, length);
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Eagain) throw Late(what, done, length);
            if (errno == Eintr)
            {
                if (_time.GetElapsedTime(start) >= _timeout) throw Late(what, done, length);
                continue;
            }

            throw new NbdConnectionException($"{_endpoint}: lost while waiting for {what}: {Marshal.GetPInvokeErrorMessage(errno)}");
        }
    }

    internal void Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload = default)
    {
        fixed (byte* h = head)
        fixed (byte* p = payload)
        {
            Send(h, head.Length, p, payload.Length);
        }
    }

    /// <summary>Sends header and payload with one system call where the socket takes them.</summary>
    internal void Send(byte* head, int headLength, byte* payload, int payloadLength)
    {
        var start = _time.GetTimestamp();
        var vectors = stackalloc IoVector[2];
        vectors[0] = new IoVector { Base = head, Length = (nuint)headLength };
        vectors[1] = new IoVector { Base = payload, Length = (nuint)payloadLength };
        while (vectors[0].Length + vectors[1].Length > 0)
        {
            var message = new MessageHeader { Vectors = vectors, VectorCount = payloadLength > 0 ? 2u : 1u };
            var n = SendMessage(_handle, &message, MsgNoSignal);
            if (n < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno is Eagain || (errno == Eintr && _time.GetElapsedTime(start) >= _timeout)) throw LateSend();
                if (errno == Eintr) continue;
                throw new NbdConnectionException($"{_endpoint}: lost while sending: {Marshal.GetPInvokeErrorMessage(errno)}");
            }

            Advance(vectors, (nuint)n);
            if (vectors[1].Length > 0 && _time.GetElapsedTime(start) >= _timeout) throw LateSend();
        }
    }

    /// <summary>Ends both directions: whoever waits in <see cref="Receive(byte*, int, string)"/> or in a send wakes up with an error.</summary>
    internal void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already gone, which is what was wanted.
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The first member of <c>struct ucred</c>: the process that called listen(2).</summary>
    private static int PeerProcess(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return MemoryMarshal.Read<int>(credentials);
    }

    private static void Advance(IoVector* vectors, nuint sent)
    {
        var first = Math.Min(sent, vectors[0].Length);
        vectors[0].Base += first;
        vectors[0].Length -= first;
        vectors[1].Base += sent - first;
        vectors[1].Length -= sent - first;
    }

    private NbdTimeoutException Late(string what, int done, int length) =>
        new($"{_endpoint}: no answer within {_timeout.TotalSeconds:0.###} s while waiting for {what} ({done} of {length} bytes came).");

    private NbdTimeoutException LateSend() =>
        new($"{_endpoint}: the server took no bytes for {_timeout.TotalSeconds:0.###} s.");

    private NbdConnectionException Ended(string what, int done, int length) =>
        new($"{_endpoint}: the server closed the connection while {what} was awaited ({done} of {length} bytes came).");
}
