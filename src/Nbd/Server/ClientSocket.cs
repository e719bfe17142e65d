using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Hyper2Kvm.Nbd.NativeMethods;

namespace Hyper2Kvm.Nbd.Server;

/// <summary>
/// The bytes of one client, over a blocking socket. No deadline: a client may be silent for as long as it likes, as with every other NBD
/// server. One thread may receive while another sends.
/// </summary>
internal sealed unsafe class ClientSocket(Socket socket) : IDisposable
{
    private readonly SafeSocketHandle _handle = socket.SafeHandle;

    /// <summary>Fills all of the buffer.</summary>
    /// <returns>False where the client is gone.</returns>
    internal bool Receive(Span<byte> into)
    {
        fixed (byte* p = into)
        {
            for (var done = 0; done < into.Length;)
            {
                var n = NativeMethods.Receive(_handle, p + done, (nuint)(into.Length - done), MsgWaitAll);
                if (n > 0) done += (int)n;
                else if (n == 0 || Marshal.GetLastPInvokeError() != Eintr) return false;
            }
        }

        return true;
    }

    /// <summary>Takes bytes that nobody wants.</summary>
    /// <returns>False where the client is gone.</returns>
    internal bool Skip(uint length)
    {
        Span<byte> waste = stackalloc byte[4096];
        for (; length > 0; length -= (uint)Math.Min(length, waste.Length))
        {
            if (!Receive(waste[..(int)Math.Min(length, waste.Length)])) return false;
        }

        return true;
    }

    /// <summary>Sends header and payload, with one system call where the socket takes them.</summary>
    /// <returns>False where the client is gone.</returns>
    internal bool Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload = default)
    {
        fixed (byte* h = head, p = payload)
        {
            var vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Base = h, Length = (nuint)head.Length };
            vectors[1] = new IoVector { Base = p, Length = (nuint)payload.Length };
            while (vectors[0].Length + vectors[1].Length > 0)
            {
                var message = new MessageHeader { Vectors = vectors, VectorCount = payload.Length > 0 ? 2u : 1u };
                var sent = SendMessage(_handle, &message, MsgNoSignal);
                if (sent >= 0) Advance(vectors, (nuint)sent);
                else if (Marshal.GetLastPInvokeError() != Eintr) return false;
            }
        }

        return true;
    }

    /// <summary>Ends both directions: every thread in another member comes back with false.</summary>
    internal void Shutdown()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already gone, which is what was wanted.
        }
    }

    public void Dispose() => socket.Dispose();

    private static void Advance(IoVector* vectors, nuint sent)
    {
        var first = Math.Min(sent, vectors[0].Length);
        vectors[0].Base += first;
        vectors[0].Length -= first;
        vectors[1].Base += sent - first;
        vectors[1].Length -= sent - first;
    }
}
