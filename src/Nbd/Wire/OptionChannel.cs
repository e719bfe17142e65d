using System.Buffers.Binary;

namespace Hyper2Kvm.Nbd;

/// <summary>Sends options and reads their replies: proto.md, "Fixed newstyle negotiation".</summary>
internal sealed class OptionChannel(Transport transport)
{
    internal void Send(uint option, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(head, Wire.OptionMagic);
        BinaryPrimitives.WriteUInt32BigEndian(head[8..], option);
        BinaryPrimitives.WriteUInt32BigEndian(head[12..], (uint)data.Length);
        transport.Send(head, data);
    }

    /// <summary>All replies to one option: the last is NBD_REP_ACK or an error, those before it are not.</summary>
    internal List<OptionReply> Ask(uint option, ReadOnlySpan<byte> data)
    {
        Send(option, data);
        var replies = new List<OptionReply>();
        var bytes = 0;
        while (true)
        {
            var reply = Receive(option);
            replies.Add(reply);
            bytes += reply.Data.Length;
            if (bytes > Wire.MaxOptionBytes) throw Broken($"more than {Wire.MaxOptionBytes} bytes in reply to option {option}");
            if (reply.Type == Wire.RepAck || reply.IsError) return replies;
            if (replies.Count >= Wire.MaxOptionReplies) throw Broken($"more than {Wire.MaxOptionReplies} replies to option {option}");
        }
    }

    internal NbdProtocolException Broken(string what) => new($"{transport.Endpoint}: protocol violation in the handshake: {what}.");

    private OptionReply Receive(uint option)
    {
        Span<byte> head = stackalloc byte[20];
        transport.Receive(head, "a reply to an option");
        var magic = BinaryPrimitives.ReadUInt64BigEndian(head);
        if (magic != Wire.OptionReplyMagic) throw Broken($"option reply magic is 0x{magic:x16}");
        var echoed = BinaryPrimitives.ReadUInt32BigEndian(head[8..]);
        if (echoed != option) throw Broken($"a reply to option {echoed} came, option {option} was sent");
        var length = BinaryPrimitives.ReadUInt32BigEndian(head[16..]);
        if (length > Wire.MaxOptionReply) throw Broken($"an option reply of {length} bytes (at most {Wire.MaxOptionReply} are taken)");
        var data = new byte[length];
        transport.Receive(data, "an option reply's data");
        return new OptionReply(BinaryPrimitives.ReadUInt32BigEndian(head[12..]), data);
    }
}
