using System.Buffers.Binary;
using static Hyper2Kvm.Nbd.Tests.HostileServer;

namespace Hyper2Kvm.Nbd.Tests;

/// <summary>Every lie a server can tell in the transmission phase is refused, with words that say which.</summary>
public sealed class A_hostile_server
{
    private const uint Structured = Wire.StructuredReplyMagic;
    private const ushort Done = 1;

    [Fact]
    public void Cannot_answer_with_a_wrong_magic() =>
        ReadFails(_ => Numbers(0xdeadbeefu, 0u, 0UL), "magic");

    [Fact]
    public void Cannot_answer_a_request_never_made() =>
        ReadFails(r => Numbers(Structured, Done, Wire.ReplyNone, Cookie(r) + 1, 0u), "not in flight");

    [Fact]
    public void Cannot_answer_a_request_twice()
    {
        using var server = Answering(r => Numbers(Chunk(r, Done, 0, 512), Chunk(r, Done, 0, 512)));
        using var connection = server.Connect();
        connection.Read(0, new byte[512]);
        Violation(() => connection.Read(0, new byte[512]), "not in flight");
    }

    [Fact]
    public void Cannot_answer_a_read_with_a_simple_reply_when_structured_ones_were_agreed_on() =>
        ReadFails(r => Numbers(Wire.SimpleReplyMagic, 0u, Cookie(r), new byte[512]), "simple reply");

    [Fact]
    public void Cannot_send_less_than_was_asked_for() =>
        ReadFails(r => Chunk(r, Done, 0, 511), "short reply");

    [Fact]
    public void Cannot_leave_a_gap() =>
        ReadFails(r => Numbers(Chunk(r, 0, 0, 100), Chunk(r, Done, 101, 411)), "short reply");

    [Fact]
    public void Cannot_end_a_read_without_data() =>
        ReadFails(r => Numbers(Structured, Done, Wire.ReplyNone, Cookie(r), 0u), "short reply");

    [Fact]
    public void Cannot_send_data_behind_the_request() =>
        ReadFails(r => Chunk(r, Done, 1, 512), "outside the request");

    [Fact]
    public void Cannot_send_data_before_the_request()
    {
        using var server = Answering(r => Chunk(r, Done, 0, 512));
        using var connection = server.Connect();
        Violation(() => connection.Read(4096, new byte[512]), "outside the request");
    }

    [Fact]
    public void Cannot_overflow_with_an_offset_near_the_end_of_numbers() =>
        ReadFails(r => Numbers(Structured, Done, Wire.ReplyOffsetData, Cookie(r), 8u + 512u, ulong.MaxValue - 100), "outside the request");

    [Fact]
    public void Cannot_send_more_than_was_asked_for() =>
        ReadFails(r => Numbers(Structured, Done, Wire.ReplyOffsetData, Cookie(r), 8u + 513u, 0UL), "outside the request");

    [Fact]
    public void Cannot_announce_gigabytes() =>
        ReadFails(r => Numbers(Structured, Done, Wire.ReplyOffsetData, Cookie(r), uint.MaxValue, 0UL), "outside the request");

    [Fact]
    public void Cannot_send_a_byte_twice() =>
        ReadFails(r => Numbers(Chunk(r, 0, 0, 300), Chunk(r, Done, 299, 213)), "came twice");

    [Fact]
    public void Cannot_send_an_empty_data_chunk() =>
        ReadFails(r => Numbers(Structured, (ushort)0, Wire.ReplyOffsetData, Cookie(r), 8u, 0UL), "OFFSET_DATA of 8");

    [Fact]
    public void Cannot_send_a_hole_outside_the_request() =>
        ReadFails(r => Numbers(Structured, Done, Wire.ReplyOffsetHole, Cookie(r), 12u, 256UL, 512u), "outside the request");

    [Fact]
    public void Cannot_send_a_hole_of_a_wrong_length() =>
        ReadFails(r => Numbers(Structured, Done, Wire.ReplyOffsetHole, Cookie(r), 13u, 0UL, 512u), "HOLE of 13");

    [Fact]
    public void Cannot_send_a_hole_of_no_length() =>
        ReadFails(r => Numbers(Structured, (ushort)0, Wire.ReplyOffsetHole, Cookie(r), 12u, 0UL, 0u), "hole of no length");

    [Fact]
    public void Cannot_send_a_none_chunk_that_is_not_the_last() =>
        ReadFails(r => Numbers(Structured, (ushort)0, Wire.ReplyNone, Cookie(r), 0u), "NBD_REPLY_TYPE_NONE");

    [Fact]
    public void Cannot_send_an_unknown_chunk_type() =>
        ReadFails(r => Numbers(Structured, Done, (ushort)77, Cookie(r), 0u), "chunk type 77");

    [Fact]
    public void Cannot_send_extents_to_a_read() =>
        ReadFails(r => Extents(r, 7, (512, 0)), "block status in reply");

    [Fact]
    public void Cannot_send_an_error_that_is_none() =>
        ReadFails(r => Numbers(Structured, Done, Wire.ReplyError, Cookie(r), 6u, 0u, (ushort)0), "error 0");

    [Fact]
    public void Cannot_send_an_error_text_longer_than_its_chunk() =>
        ReadFails(r => Numbers(Structured, Done, Wire.ReplyError, Cookie(r), 6u, 5u, (ushort)9), "text of 9");

    [Fact]
    public void Cannot_send_a_huge_error_chunk() =>
        ReadFails(r => Numbers(Structured, Done, Wire.ReplyError, Cookie(r), 1u << 30), "error chunk of");

    [Fact]
    public void Cannot_report_an_error_outside_the_request() =>
        ReadFails(r => Numbers(Structured, Done, Wire.ReplyErrorOffset, Cookie(r), 14u, 5u, (ushort)0, 512UL), "outside the request");

    [Fact]
    public void Cannot_keep_us_busy_with_chunks_for_ever() =>
        ReadFails(r => Numbers([.. Enumerable.Range(0, 100).Select(i => (object)Chunk(r, 0, (ulong)i, 1))]), "chunks for one request");

    [Fact]
    public void Cannot_answer_a_block_status_without_an_extent() =>
        StatusFails(r => Numbers(Structured, Done, Wire.ReplyNone, Cookie(r), 0u), "without an extent");

    [Fact]
    public void Cannot_answer_a_block_status_with_a_simple_reply() =>
        StatusFails(r => Numbers(Wire.SimpleReplyMagic, 0u, Cookie(r)), "simple reply to a block status");

    [Fact]
    public void Cannot_send_an_extent_beyond_the_end() =>
        StatusFails(r => Extents(r, 7, (4096, 0), ((uint)Size, 3)), "beyond the end");

    [Fact]
    public void Cannot_send_an_extent_of_no_length() =>
        StatusFails(r => Extents(r, 7, (4096, 0), (0, 3)), "no length");

    [Fact]
    public void Cannot_send_extents_behind_the_request() =>
        StatusFails(r => Extents(r, 7, ((uint)Size - 10, 0), (10, 3)), "outside the request", length: 4096);

    [Fact]
    public void Cannot_send_extents_of_a_context_never_agreed_on() =>
        StatusFails(r => Extents(r, 8, (4096, 0)), "context 8");

    [Fact]
    public void Cannot_send_half_an_extent() =>
        StatusFails(r => Numbers(Structured, Done, Wire.ReplyBlockStatus, Cookie(r), 9u), "BLOCK_STATUS of 9");

    [Fact]
    public void Cannot_send_millions_of_extents() =>
        StatusFails(r => Numbers(Structured, Done, Wire.ReplyBlockStatus, Cookie(r), 4u + (8u << 27)), "BLOCK_STATUS of");

    [Fact]
    public void That_stops_in_the_middle_of_data_is_left_at_the_deadline()
    {
        using var server = Answering(r => Chunk(r, Done, 0, 512)[..100]);
        using var connection = server.Connect(0.1);
        var read = () => connection.Read(0, new byte[512]);
        read.Should().Throw<NbdTimeoutException>().WithMessage("*of 512 bytes came*");
    }

    [Fact]
    public void That_closes_in_the_middle_of_data_is_named()
    {
        using var server = new HostileServer(peer =>
        {
            peer.Handshake();
            peer.Send(Chunk(peer.Receive(28), Done, 0, 512)[..100]);
        });
        using var connection = server.Connect();
        var read = () => connection.Read(0, new byte[512]);
        read.Should().Throw<NbdConnectionException>();
    }

    [Fact]
    public void That_takes_no_bytes_is_left_at_the_deadline()
    {
        using var end = new ManualResetEventSlim();
        using var server = new HostileServer(peer =>
        {
            peer.Handshake();
            end.Wait();
        });
        using (var connection = server.Connect(0.1))
        {
            var write = () => connection.Write(0, new byte[Size]);
            write.Should().Throw<NbdTimeoutException>().WithMessage("*took no bytes*");
        }

        end.Set();
    }

    [Fact]
    public void Cannot_put_control_characters_into_our_messages()
    {
        using var server = Answering(r => Numbers(Structured, Done, Wire.ReplyError, Cookie(r), 6u + 4u, 5u, (ushort)4, "a\u001b[m"u8.ToArray()));
        using var connection = server.Connect();
        var read = () => connection.Read(0, new byte[512]);
        read.Should().Throw<NbdServerException>().WithMessage("*(a?[m)*");
    }

    [Fact]
    public void That_is_honest_may_answer_in_pieces_out_of_order()
    {
        using var server = Answering(r => Numbers(
            Chunk(r, 0, 200, 312),
            Numbers(Structured, (ushort)0, Wire.ReplyOffsetHole, Cookie(r), 12u, 100UL, 100u),
            Chunk(r, 0, 0, 100),
            Numbers(Structured, Done, Wire.ReplyNone, Cookie(r), 0u)));
        using var connection = server.Connect();
        var data = new byte[512];
        connection.Read(0, data);
        data.Select(b => b == 0).Should().Equal(Enumerable.Range(0, 512).Select(i => i is >= 100 and < 200));
    }

    internal static ulong Cookie(byte[] request) => BinaryPrimitives.ReadUInt64BigEndian(request.AsSpan(8));

    internal static byte[] Chunk(byte[] request, ushort flags, ulong offset, int length)
    {
        var data = new byte[length];
        Array.Fill(data, (byte)0xAA);
        return Numbers(Structured, flags, Wire.ReplyOffsetData, Cookie(request), (uint)length + 8, offset, data);
    }

    internal static byte[] Extents(byte[] request, uint context, params (uint Length, uint Flags)[] extents) =>
        Numbers([Structured, Done, Wire.ReplyBlockStatus, Cookie(request), 4u + (8u * (uint)extents.Length), context, .. extents.SelectMany(e => new object[] { e.Length, e.Flags })]);

    private static void ReadFails(Func<byte[], byte[]> reply, string words)
    {
        using var server = Answering(reply);
        using var connection = server.Connect();
        Violation(() => connection.Read(0, new byte[512]), words);
        connection.IsBroken.Should().BeTrue();
    }

    private static void StatusFails(Func<byte[], byte[]> reply, string words, uint length = (uint)Size)
    {
        using var server = Answering(reply);
        using var connection = server.Connect();
        Violation(() => connection.BlockStatus("base:allocation", 0, length), words);
    }

    private static void Violation(Action action, string words) =>
        action.Should().Throw<NbdProtocolException>().Where(e => e.Message.Contains(words), $"it should speak of '{words}'");
}
