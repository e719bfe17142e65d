using Hyper2Kvm.Nbd;
using static Hyper2Kvm.Nbd.Tests.HostileServer;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>
/// What tests/Nbd.Tests/A_hostile_server shows of the client, through a whole copy: a lie is told by its name, blames
/// the server, and ends the copy. It is not tried again, as a lost connection is: the next answer could be a lie not seen.
/// </summary>
public sealed class A_lying_server
{
    // HAS_FLAGS, FLUSH, TRIM, WRITE_ZEROES: a server that can be written.
    private const ushort Writable = 1 | (1 << 2) | (1 << 5) | (1 << 6);
    private const ushort Done = 1;
    private static readonly CopySettings OneConnection = new() { Connections = 1, RequestSize = 64 << 10, Timeout = TimeSpan.FromSeconds(1), ReconnectFor = TimeSpan.FromSeconds(1), DestinationIsZero = true };

    public static TheoryData<string, string> LiesOfSources => new()
    {
        { "wrong cookie", "not in flight" },
        { "unasked reply first", "not in flight" },
        { "answer twice", "not in flight" },
        { "short reply", "short reply" },
        { "short hole", "short reply" },
        { "more than asked", "outside the request" },
        { "data of another place", "outside the request" },
        { "a byte twice", "came twice" },
        { "simple reply", "simple reply" },
        { "wrong magic", "magic" },
        { "extents to a read", "block status in reply" },
        { "extent beyond the end", "beyond the end" },
        { "extent of no length", "no length" },
        { "no extent", "without an extent" },
        { "extents of another context", "context" },
    };

    public static TheoryData<string, string> LiesOfTargets => new()
    {
        { "wrong cookie", "not in flight" },
        { "unasked reply first", "not in flight" },
        { "answer twice", "not in flight" },
        { "data to a write", "data in reply" },
        { "wrong magic", "magic" },
    };

    [Theory]
    [MemberData(nameof(LiesOfSources))]
    public void At_the_source_ends_the_copy(string lie, string words)
    {
        using var work = new Workspace();
        using var server = new HostileServer(peer => Serve(peer, 0xFFF, lie));
        var error = Deadline.FailureOf(At(server), CopyEndpoint.File(work.Path("target")), OneConnection);

        MustBlame(error, CopySide.Source, server, words);
    }

    [Theory]
    [MemberData(nameof(LiesOfTargets))]
    public void At_the_target_ends_the_copy(string lie, string words)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", (long)Size, new Random(1), 100, 1 << 18);
        using var server = new HostileServer(peer => Serve(peer, Writable, lie));
        var error = Deadline.FailureOf(CopyEndpoint.File(source), At(server), OneConnection);

        MustBlame(error, CopySide.Target, server, words);
    }

    [Fact]
    public void At_the_target_that_lies_about_what_is_zero_there_is_refused()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", (long)Size, new Random(1), 100, 1 << 18);
        using var server = new HostileServer(peer => Serve(peer, Writable, "extent beyond the end"));
        var error = Deadline.FailureOf(CopyEndpoint.File(source), At(server), OneConnection with { DestinationIsZero = false });

        error.Kind.Should().Be(CopyErrorKind.TargetOpen);
        error.Message.Should().StartWith("disk vda: target").And.Contain("beyond the end").And.Contain(server.Path);
        error.Hint.Should().Contain("fault of the NBD server");
    }

    [Theory]
    [InlineData(ulong.MaxValue, CopyErrorKind.SourceOpen)]
    [InlineData(ulong.MaxValue / 2, CopyErrorKind.TargetOpen)]
    public void Of_a_size_that_no_disk_has_is_refused(ulong size, object kind)
    {
        using var work = new Workspace();
        using var server = new HostileServer(peer =>
        {
            peer.Handshake(size);
            peer.WaitForEnd();
        });
        var error = Deadline.FailureOf(At(server), CopyEndpoint.File(work.Path("target")), OneConnection);

        error.Kind.Should().Be((CopyErrorKind)kind);
        error.Message.Should().Contain($"{size}").And.Contain(error.Side == CopySide.Source ? server.Path : work.Path("target"));
    }

    [Fact]
    public void That_is_a_text_server_is_refused_at_the_handshake()
    {
        using var work = new Workspace();
        using var server = new HostileServer(peer =>
        {
            peer.Send("220 mail.example.org ESMTP ready, at your service\r\n"u8.ToArray());
            peer.WaitForEnd();
        });
        var error = Deadline.FailureOf(At(server), CopyEndpoint.File(work.Path("target")), OneConnection);

        error.Kind.Should().Be(CopyErrorKind.SourceOpen);
        error.Hint.Should().Contain("fault of the NBD server");
        File.Exists(work.Path("target")).Should().BeFalse();
    }

    [Theory]
    [InlineData("silence")]
    [InlineData("half a reply")]
    [InlineData("half a header")]
    public void Or_one_that_stops_in_the_middle_is_left_at_the_deadline(string lie)
    {
        using var work = new Workspace();
        using var server = new HostileServer(peer => Serve(peer, 0xFFF, lie));
        var error = Deadline.FailureOf(At(server), CopyEndpoint.File(work.Path("target")), OneConnection with { Timeout = TimeSpan.FromMilliseconds(200), Depth = 1 });

        error.Kind.Should().Be(CopyErrorKind.Connection);
        error.InnerException.Should().BeOfType<NbdTimeoutException>();
        error.Message.Should().StartWith("disk vda: source").And.Contain(server.Path).And.Contain("0.2 s");
        error.Hint.Should().Contain("silent");
    }

    private static CopyEndpoint At(HostileServer server) => CopyEndpoint.Server(NbdEndpoint.Unix(server.Path));

    private static void MustBlame(CopyException error, CopySide side, HostileServer server, string words)
    {
        error.Side.Should().Be(side);
        error.Kind.Should().Be(CopyErrorKind.Connection);
        error.InnerException.Should().BeOfType<NbdProtocolException>();
        error.Message.Should().StartWith($"disk vda: {side.ToString().ToLowerInvariant()}").And.Contain(server.Path).And.Contain("protocol violation").And.Contain(words);
        error.Hint.Should().Contain("fault of the NBD server");
    }

    /// <summary>Honest in all but the one thing.</summary>
    private static void Serve(Peer peer, ushort flags, string lie)
    {
        peer.Handshake(Size, flags);
        while (true)
        {
            var request = peer.Receive(Wire.RequestLength);
            var (command, length) = (request[7], BitConverter.ToInt32([.. request[24..28].Reverse()]));
            var offset = BitConverter.ToUInt64([.. request[16..24].Reverse()]);
            if (command == (byte)NbdCommand.Write) peer.Receive(length);
            var reply = command switch
            {
                (byte)NbdCommand.BlockStatus => Status(request, (uint)length, lie),
                (byte)NbdCommand.Read => Lie(request, offset, length, lie) ?? Data(request, offset, length),
                _ => Lie(request, offset, 512, lie) ?? None(request),
            };
            peer.Send(reply);
        }
    }

    private static byte[] Status(byte[] request, uint length, string lie) => lie switch
    {
        "extent beyond the end" => Extents(request, 7, (length / 2, 0), (length, 3)),
        "extent of no length" => Extents(request, 7, (4096, 0), (0, 3)),
        "no extent" => None(request),
        "extents of another context" => Extents(request, 8, (length, 0)),
        _ => Extents(request, 7, (length, 0)),
    };

    private static byte[]? Lie(byte[] request, ulong offset, int length, string lie) => lie switch
    {
        "wrong cookie" => Numbers(Wire.StructuredReplyMagic, Done, Wire.ReplyNone, Cookie(request) + 1000, 0u),
        "unasked reply first" => Numbers(Numbers(Wire.SimpleReplyMagic, 0u, 4711UL), None(request)),
        "answer twice" => Numbers(Data(request, offset, length, request[7]), Data(request, offset, length, request[7])),
        "short reply" => Data(request, offset, length - 1),
        "short hole" => Numbers(Wire.StructuredReplyMagic, Done, Wire.ReplyOffsetHole, Cookie(request), 12u, offset, (uint)length - 1),
        "more than asked" => Data(request, offset, length + 1),
        "data of another place" => Data(request, offset + 4096, length),
        "a byte twice" => Numbers(Data(request, offset, 300, done: 0), Data(request, offset + 299, length - 299)),
        "simple reply" => Numbers(Wire.SimpleReplyMagic, 0u, Cookie(request), new byte[length]),
        "wrong magic" => Numbers(0xdeadbeefu, 0u, Cookie(request)),
        "extents to a read" => Extents(request, 7, ((uint)length, 0)),
        "data to a write" => Data(request, offset, length),
        "silence" => [],
        "half a reply" => Data(request, offset, length)[..100],
        "half a header" => Data(request, offset, length)[..7],
        _ => null,
    };

    private static ulong Cookie(byte[] request) => BitConverter.ToUInt64([.. request[8..16].Reverse()]);

    private static byte[] None(byte[] request) => Numbers(Wire.StructuredReplyMagic, Done, Wire.ReplyNone, Cookie(request), 0u);

    private static byte[] Data(byte[] request, ulong offset, int length, byte command = (byte)NbdCommand.Read, ushort done = Done)
    {
        if (command != (byte)NbdCommand.Read) return None(request);
        var data = new byte[length];
        Array.Fill(data, (byte)0xAA);
        return Numbers(Wire.StructuredReplyMagic, done, Wire.ReplyOffsetData, Cookie(request), (uint)length + 8, offset, data);
    }

    private static byte[] Extents(byte[] request, uint context, params (uint Length, uint Flags)[] extents) =>
        Numbers([Wire.StructuredReplyMagic, Done, Wire.ReplyBlockStatus, Cookie(request), 4u + (8u * (uint)extents.Length), context, .. extents.SelectMany(e => new object[] { e.Length, e.Flags })]);
}
