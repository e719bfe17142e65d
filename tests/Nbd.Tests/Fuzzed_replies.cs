using static Hyper2Kvm.Nbd.Tests.HostileServer;

namespace Hyper2Kvm.Nbd.Tests;

/// <summary>Good conversations with a few bytes changed: whatever comes, the client ends soon, with an exception of its own or with none. With no byte changed it takes them.</summary>
public sealed class Fuzzed_replies
{
    private const int Seed = 20260101;
    private const int Rounds = 300;

    /// <summary>One in so many conversations is left as it is: a client that refuses everything would pass the others.</summary>
    private const int Good = 10;

    [Fact]
    public void To_a_read_and_a_block_status_never_hang_or_crash()
    {
        var random = new Random(Seed);
        for (var round = 0; round < Rounds; round++) OneRound(random.Next(), handshake: false, good: round % Good == 0);
    }

    [Fact]
    public void In_the_handshake_never_hang_or_crash()
    {
        var random = new Random(Seed + 1);
        for (var round = 0; round < Rounds; round++) OneRound(random.Next(), handshake: true, good: round % Good == 0);
    }

    private static void OneRound(int seed, bool handshake, bool good)
    {
        using var server = new HostileServer(peer =>
        {
            var random = new Random(seed);
            byte[] Change(byte[] data) => good ? data : Mutate(data, random);
            if (handshake)
            {
                // The whole conversation of the server at once: the client's part is read and ignored.
                peer.Send(Change(Numbers(
                    Wire.NbdMagic, Wire.OptionMagic, (ushort)3,
                    Wire.OptionReplyMagic, Wire.OptStructuredReply, Wire.RepAck, 0u,
                    Wire.OptionReplyMagic, Wire.OptSetMetaContext, Wire.RepMetaContext, 19u, 7u, "base:allocation"u8.ToArray(),
                    Wire.OptionReplyMagic, Wire.OptSetMetaContext, Wire.RepAck, 0u,
                    Wire.OptionReplyMagic, Wire.OptGo, Wire.RepInfo, 14u, (ushort)3, 1u, 4096u, 1u << 20,
                    Wire.OptionReplyMagic, Wire.OptGo, Wire.RepInfo, 12u, (ushort)0, Size, (ushort)0xFFF,
                    Wire.OptionReplyMagic, Wire.OptGo, Wire.RepAck, 0u)));
                if (good) peer.WaitForEnd();
                return;
            }

            peer.Handshake();
            var read = peer.Receive(28);
            peer.Send(Change(Numbers(A_hostile_server.Chunk(read, 0, 0, 300), A_hostile_server.Chunk(read, 1, 300, 212))));
            var status = peer.Receive(28);
            peer.Send(Change(A_hostile_server.Extents(status, 7, (4096, 0), (4096, 3), ((uint)Size - 8192, 0))));
            if (good) peer.WaitForEnd();
        });
        var failure = Record.Exception(() =>
        {
            using var connection = server.Connect(good ? 60 : 0.1);
            if (handshake && good) return;
            connection.Read(0, new byte[512]);
            connection.BlockStatus("base:allocation", 0, (uint)Size);
        });
        if (good) failure.Should().BeNull();
        if (failure is not null and not NotSupportedException and not ArgumentOutOfRangeException)
        {
            // A length made longer is waited for, up to the deadline: that is an NbdTimeoutException.
            failure.Should().BeAssignableTo<NbdException>($"seed {seed}");
        }
    }

    private static byte[] Mutate(byte[] data, Random random)
    {
        var changes = random.Next(1, 4);
        for (var i = 0; i < changes; i++)
        {
            // Headers are where the meaning is: half of the changes hit the first bytes.
            var at = random.Next(2) == 0 ? random.Next(Math.Min(40, data.Length)) : random.Next(data.Length);
            data[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)(data[at] ^ (1 << random.Next(8))), _ => (byte)0xFF };
        }

        return random.Next(8) == 0 ? data[..random.Next(data.Length)] : data;
    }
}
