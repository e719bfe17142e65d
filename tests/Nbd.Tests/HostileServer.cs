using System.Buffers.Binary;
using System.Net.Sockets;

namespace Hyper2Kvm.Nbd.Tests;

/// <summary>A server that speaks the handshake well, unless told otherwise, and then says what the test wants.</summary>
internal sealed class HostileServer : IDisposable
{
    internal const ulong Size = 1 << 20;
    private readonly string _directory = Directory.CreateTempSubdirectory("nbd-hostile-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Thread _thread;

    /// <summary>Listens, for one client.</summary>
    /// <param name="talk">Gets the socket of the one client, before a byte was sent.</param>
    internal HostileServer(Action<Peer> talk)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _thread = new Thread(() =>
        {
            try
            {
                using var socket = _listener.Accept();
                talk(new Peer(socket));
            }
            catch (Exception e) when (e is SocketException or EndOfStreamException or ObjectDisposedException)
            {
                // The client left, as it should.
            }
        });
        _thread.Start();
    }

    internal string Path => System.IO.Path.Combine(_directory, "s");

    /// <summary>A well-behaved handshake, then one request is read and <paramref name="reply"/> answers it.</summary>
    internal static HostileServer Answering(Func<byte[], byte[]> reply) => new(peer =>
    {
        peer.Handshake();
        var request = peer.Receive(28);
        peer.Send(reply(request));
        peer.WaitForEnd();
    });

    internal NbdConnection Connect(double seconds = 5) =>
        NbdConnection.Connect(NbdEndpoint.Unix(Path), new NbdConnectionOptions { Timeout = TimeSpan.FromSeconds(seconds) });

    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join();
        Directory.Delete(_directory, recursive: true);
    }

    internal static byte[] Numbers(params object[] parts)
    {
        using var stream = new MemoryStream();
        Span<byte> number = stackalloc byte[8];
        foreach (var part in parts)
        {
            switch (part)
            {
                case ushort v: BinaryPrimitives.WriteUInt16BigEndian(number, v); stream.Write(number[..2]); break;
                case uint v: BinaryPrimitives.WriteUInt32BigEndian(number, v); stream.Write(number[..4]); break;
                case int v: BinaryPrimitives.WriteInt32BigEndian(number, v); stream.Write(number[..4]); break;
                case ulong v: BinaryPrimitives.WriteUInt64BigEndian(number, v); stream.Write(number); break;
                case byte[] v: stream.Write(v); break;
                default: throw new ArgumentException(part.GetType().Name);
            }
        }

        return stream.ToArray();
    }

    /// <summary>The other side of the connection.</summary>
    internal sealed class Peer(Socket socket)
    {
        internal void Send(byte[] data)
        {
            for (var sent = 0; sent < data.Length;) sent += socket.Send(data.AsSpan(sent));
        }

        internal byte[] Receive(int length)
        {
            var data = new byte[length];
            for (var done = 0; done < length;)
            {
                var n = socket.Receive(data.AsSpan(done));
                if (n == 0) throw new EndOfStreamException();
                done += n;
            }

            return data;
        }

        internal void WaitForEnd()
        {
            var one = new byte[4096];
            while (socket.Receive(one) > 0)
            {
            }
        }

        /// <summary>Whether the client hangs up, or says something more, within a time.</summary>
        internal bool Stirs(TimeSpan within) => socket.Poll(within, SelectMode.SelectRead);

        internal void Greet()
        {
            Send(Numbers(Wire.NbdMagic, Wire.OptionMagic, (ushort)3));
            Receive(4);
        }

        internal uint ReceiveOption()
        {
            var head = Receive(16);
            Receive(BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(12)));
            return BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(8));
        }

        internal void Reply(uint option, uint type, byte[] data) => Send(Numbers(Wire.OptionReplyMagic, option, type, data.Length, data));

        internal void Handshake(ulong size = Size, ushort flags = 0xFFF)
        {
            Greet();
            ReceiveOption();
            Reply(Wire.OptStructuredReply, Wire.RepAck, []);
            ReceiveOption();
            Reply(Wire.OptSetMetaContext, Wire.RepMetaContext, Numbers(7u, "base:allocation"u8.ToArray()));
            Reply(Wire.OptSetMetaContext, Wire.RepAck, []);
            ReceiveOption();
            Reply(Wire.OptGo, Wire.RepInfo, Numbers((ushort)0, size, flags));
            Reply(Wire.OptGo, Wire.RepAck, []);
        }
    }
}
