using System.Buffers.Binary;
using System.Net.Sockets;
using static Hyper2Kvm.Nbd.Tests.HostileServer;

namespace Hyper2Kvm.Nbd.Tests.Server;

public sealed class A_hostile_client
{
    private static readonly byte[] ClientFlags = [0, 0, 0, 3];

    [Fact]
    public void That_sends_noise_loses_its_connection_and_nothing_else()
    {
        using var server = new ListenerFixture();
        var random = new Random(4);
        for (var i = 0; i < 300; i++)
        {
            using var socket = server.Raw();
            byte[] start = i % 3 == 0 ? [] : i % 3 == 1 ? ClientFlags : [.. ClientFlags, .. Option(Wire.OptGo, Go(string.Empty))];
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);

            // Often something that begins well.
            if (i % 2 == 0) noise = [.. Numbers(i % 3 == 2 ? (object)Wire.RequestMagic : Wire.OptionMagic), .. noise];
            SendAll(socket, [.. start, .. noise]);
        }

        Works(server);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 7 })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    public void With_flags_that_do_not_exist_is_left(byte[] flags) => IsLeft([.. flags, .. Option(Wire.OptList, [])]);

    [Fact]
    public void With_an_option_without_end_is_left() => IsLeft([.. ClientFlags, .. Numbers(Wire.OptionMagic, Wire.OptGo, uint.MaxValue)]);

    [Fact]
    public void With_options_without_end_is_left() => IsLeft([.. ClientFlags, .. Enumerable.Repeat(Option(99, []), 300).SelectMany(option => option)]);

    [Fact]
    public void With_lengths_that_lie_within_an_option_is_told_so()
    {
        using var server = new ListenerFixture();
        using var socket = Greeted(server);
        foreach (var (option, data) in new (uint, byte[])[]
        {
            (Wire.OptGo, Numbers(uint.MaxValue, (ushort)0)),
            (Wire.OptGo, Numbers(0u, (ushort)9)),
            (Wire.OptGo, []),
            (Wire.OptSetMetaContext, Numbers(0u, uint.MaxValue)),
            (Wire.OptSetMetaContext, Numbers(0u, 1u, 500u)),
            (Wire.OptStructuredReply, [1]),
            (Wire.OptList, [1]),
        })
        {
            SendAll(socket, Option(option, data));
            var reply = ReceiveAll(socket, 20);
            BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(8)).Should().Be(option);
            BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(12)).Should().Be(Wire.RepErrorBit | 3, "NBD_REP_ERR_INVALID");
            BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(16)).Should().Be(0);
        }
    }

    [Theory]
    [InlineData(NbdCommand.Write, 0UL, 512u, NbdErrno.NotPermitted)]
    [InlineData(NbdCommand.WriteZeroes, 0UL, 512u, NbdErrno.NotPermitted)]
    [InlineData(NbdCommand.Trim, 0UL, 512u, NbdErrno.NotPermitted)]
    [InlineData(NbdCommand.Flush, 0UL, 0u, NbdErrno.Invalid)]
    [InlineData(NbdCommand.BlockStatus, 0UL, 512u, NbdErrno.Invalid)]
    [InlineData(NbdCommand.Read, 0UL, 0u, NbdErrno.Invalid)]
    [InlineData(NbdCommand.Read, (ulong)PatternDisk.Length - 1, 2u, NbdErrno.Invalid)]
    [InlineData(NbdCommand.Read, ulong.MaxValue, 512u, NbdErrno.Invalid)]
    [InlineData(NbdCommand.Read, 0UL, uint.MaxValue, NbdErrno.Invalid)]
    [InlineData((NbdCommand)77, 0UL, 512u, NbdErrno.Invalid)]
    public void That_asks_for_what_it_may_not_gets_an_error_and_may_go_on(NbdCommand command, ulong offset, uint length, int errno)
    {
        using var server = new ListenerFixture();
        using var socket = Greeted(server);
        SendAll(socket, Option(Wire.OptExportName, []));
        ReceiveAll(socket, 10);
        SendAll(socket, Numbers(Wire.RequestMagic, (ushort)0, (ushort)command, 5UL, offset, length, command == NbdCommand.Write ? new byte[length] : []));
        var reply = ReceiveAll(socket, Wire.SimpleReplyLength);
        BinaryPrimitives.ReadInt32BigEndian(reply.AsSpan(4)).Should().Be(errno);
        BinaryPrimitives.ReadUInt64BigEndian(reply.AsSpan(8)).Should().Be(5);
        SendAll(socket, Numbers(Wire.RequestMagic, (ushort)0, (ushort)0, 6UL, 7UL, 100u));
        ReceiveAll(socket, Wire.SimpleReplyLength + 100)[Wire.SimpleReplyLength..].Should().Equal(PatternDisk.Content[7..107]);
    }

    [Fact]
    public void That_takes_no_data_does_not_hold_up_others()
    {
        using var server = new ListenerFixture();
        using var socket = Greeted(server);
        SendAll(socket, Option(Wire.OptExportName, []));
        for (var i = 0; i < 16; i++) SendAll(socket, Numbers(Wire.RequestMagic, (ushort)0, (ushort)0, (ulong)i, 4UL << 20, 4u << 20));
        Works(server);
    }

    private static void Works(ListenerFixture server)
    {
        using var connection = server.Connect();
        var data = new byte[4096];
        connection.Read(0, data);
        data.Should().Equal(PatternDisk.Content[..4096]);
    }

    private static void IsLeft(byte[] said)
    {
        using var server = new ListenerFixture();
        using var socket = server.Raw();
        SendAll(socket, said);
        try
        {
            var waste = new byte[65536];
            while (socket.Receive(waste) > 0)
            {
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Left before all of it was read.
        }

        Works(server);
    }

    private static Socket Greeted(ListenerFixture server)
    {
        var socket = server.Raw();
        SendAll(socket, ClientFlags);
        ReceiveAll(socket, 18);
        return socket;
    }

    private static byte[] Go(string name) => Numbers((uint)name.Length, System.Text.Encoding.UTF8.GetBytes(name), (ushort)0);

    private static byte[] Option(uint option, byte[] data) => Numbers(Wire.OptionMagic, option, (uint)data.Length, data);

    private static void SendAll(Socket socket, byte[] data)
    {
        try
        {
            for (var sent = 0; sent < data.Length;) sent += socket.Send(data.AsSpan(sent));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.Shutdown or SocketError.ConnectionReset)
        {
            // It had enough.
        }
    }

    private static byte[] ReceiveAll(Socket socket, int length)
    {
        var data = new byte[length];
        for (var done = 0; done < length;)
        {
            var n = socket.Receive(data.AsSpan(done));
            n.Should().BePositive("the server has to answer");
            done += n;
        }

        return data;
    }
}
