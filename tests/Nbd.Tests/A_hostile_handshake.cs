using static Hyper2Kvm.Nbd.Tests.HostileServer;

namespace Hyper2Kvm.Nbd.Tests;

public sealed class A_hostile_handshake
{
    [Fact]
    public void With_a_wrong_greeting_is_refused() => Fails(p => p.Send(new byte[16]), "no NBD server");

    [Fact]
    public void Of_the_oldstyle_is_refused() => Fails(p => p.Send(Numbers(Wire.NbdMagic, Wire.OldstyleMagic)), "oldstyle");

    [Fact]
    public void Without_fixed_newstyle_is_refused() => Fails(p => p.Send(Numbers(Wire.NbdMagic, Wire.OptionMagic, (ushort)0)), "FIXED_NEWSTYLE");

    [Fact]
    public void With_a_wrong_reply_magic_is_refused() => Fails(AfterGreeting(p => p.Send(new byte[20])), "option reply magic");

    [Fact]
    public void With_a_reply_to_another_option_is_refused() => Fails(AfterGreeting(p => p.Reply(99, Wire.RepAck, [])), "option 99");

    [Fact]
    public void With_an_overlong_option_reply_is_refused() =>
        Fails(AfterGreeting(p => p.Send(Numbers(Wire.OptionReplyMagic, Wire.OptStructuredReply, Wire.RepAck, 1u << 30))), "option reply of 1073741824");

    [Fact]
    public void With_replies_without_end_is_refused() => Fails(AtGo(p =>
    {
        while (true) p.Reply(Wire.OptGo, Wire.RepInfo, Numbers((ushort)99));
    }), "more than");

    [Fact]
    public void Without_the_size_is_refused() => Fails(AtGo(p => p.Reply(Wire.OptGo, Wire.RepAck, [])), "without NBD_INFO_EXPORT");

    [Fact]
    public void With_a_size_beyond_all_files_is_refused() => Fails(AtGo(p =>
    {
        p.Reply(Wire.OptGo, Wire.RepInfo, Numbers((ushort)0, ulong.MaxValue, (ushort)1));
        p.Reply(Wire.OptGo, Wire.RepAck, []);
    }), "size is 18446744073709551615");

    [Fact]
    public void With_block_sizes_that_make_no_sense_is_refused() => Fails(AtGo(p =>
    {
        p.Reply(Wire.OptGo, Wire.RepInfo, Numbers((ushort)3, 0u, 4096u, 1u << 20));
        p.Reply(Wire.OptGo, Wire.RepAck, []);
    }), "block sizes 0, 4096, 1048576");

    [Fact]
    public void With_truncated_export_information_is_refused() => Fails(AtGo(p =>
    {
        p.Reply(Wire.OptGo, Wire.RepInfo, Numbers((ushort)0, 5u));
        p.Reply(Wire.OptGo, Wire.RepAck, []);
    }), "NBD_INFO_EXPORT has 4 bytes");

    [Fact]
    public void That_grants_a_context_never_asked_for_is_refused() => Fails(AfterGreeting(p =>
    {
        p.Reply(Wire.OptStructuredReply, Wire.RepAck, []);
        p.ReceiveOption();
        p.Reply(Wire.OptSetMetaContext, Wire.RepMetaContext, Numbers(1u, "x:y"u8.ToArray()));
        p.Reply(Wire.OptSetMetaContext, Wire.RepAck, []);
    }), "'x:y' was never asked for");

    [Fact]
    public void That_wants_TLS_is_named() => Refused(AtGo(p => p.Reply(Wire.OptGo, Wire.RepErrorBit | 5, [])), "TLS_REQD");

    [Fact]
    public void That_says_nothing_is_left_at_the_deadline()
    {
        using var server = new HostileServer(p => p.WaitForEnd());
        var connect = () => server.Connect(0.1);
        connect.Should().Throw<NbdTimeoutException>().WithMessage("*greeting*");
    }

    [Fact]
    public void Without_go_falls_back_to_export_name()
    {
        using var server = new HostileServer(AtGo(p =>
        {
            p.Reply(Wire.OptGo, Wire.RepErrUnsup, []);
            p.ReceiveOption();
            p.Send(Numbers(12345UL, (ushort)1));
            p.WaitForEnd();
        }));
        using var connection = server.Connect();
        connection.Size.Should().Be(12345);
        connection.Export.BlockSize.Should().Be(NbdBlockSize.Default);
    }

    private static Action<Peer> AfterGreeting(Action<Peer> talk) => peer =>
    {
        peer.Greet();
        peer.ReceiveOption();
        talk(peer);
    };

    private static Action<Peer> AtGo(Action<Peer> talk) => AfterGreeting(peer =>
    {
        peer.Reply(Wire.OptStructuredReply, Wire.RepErrUnsup, []);
        peer.ReceiveOption();
        talk(peer);
    });

    private static void Fails(Action<Peer> talk, string words)
    {
        using var server = new HostileServer(p =>
        {
            talk(p);
            p.WaitForEnd();
        });
        var connect = () => server.Connect();
        connect.Should().Throw<NbdProtocolException>().Where(e => e.Message.Contains(words), $"it should speak of '{words}'");
    }

    private static void Refused(Action<Peer> talk, string words)
    {
        using var server = new HostileServer(talk);
        var connect = () => server.Connect();
        connect.Should().Throw<NbdServerException>().Where(e => e.Message.Contains(words));
    }
}
