using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Nbd.Server;

/// <summary>
/// Writes replies of the transmission phase: proto.md, "Simple reply message", "Structured reply chunk message". Each message goes out
/// whole, so that the threads of a connection may answer in any order and by turns.
/// </summary>
internal sealed class ReplyWriter(ClientSocket client, bool structured)
{
    private readonly Lock _lock = new();

    /// <summary>Sends a piece of the answer to a read.</summary>
    /// <param name="request">The request.</param>
    /// <param name="at">Where in the request the piece begins, bytes.</param>
    /// <param name="data">The piece.</param>
    /// <returns>False where the client is gone.</returns>
    internal bool Data(in ServerRequest request, uint at, ReadOnlySpan<byte> data)
    {
        if (!structured) return Simple(request, 0, data);
        Span<byte> head = stackalloc byte[Wire.StructuredReplyLength + 8];
        Chunk(head, request, at + (uint)data.Length == request.Length, Wire.ReplyOffsetData, 8 + data.Length);
        BinaryPrimitives.WriteUInt64BigEndian(head[Wire.StructuredReplyLength..], request.Offset + at);
        lock (_lock) return client.Send(head, data);
    }

    /// <summary>Says that a request without data in its answer is done: a simple reply, which is allowed here with structured replies too.</summary>
    internal bool Done(in ServerRequest request) => Simple(request, 0, default);

    /// <summary>Sends extents: "NBD_REPLY_TYPE_BLOCK_STATUS".</summary>
    internal bool Extents(in ServerRequest request, List<NbdExtent> extents)
    {
        var message = new byte[Wire.StructuredReplyLength + 4 + (8 * extents.Count)];
        Chunk(message, request, done: true, Wire.ReplyBlockStatus, message.Length - Wire.StructuredReplyLength);
        var rest = message.AsSpan(Wire.StructuredReplyLength);
        BinaryPrimitives.WriteUInt32BigEndian(rest, ServerWire.BaseAllocationId);
        rest = rest[4..];
        foreach (var extent in extents)
        {
            BinaryPrimitives.WriteUInt32BigEndian(rest, (uint)extent.Length);
            BinaryPrimitives.WriteUInt32BigEndian(rest[4..], extent.Flags);
            rest = rest[8..];
        }

        lock (_lock) return client.Send(message);
    }

    /// <summary>Refuses a request, or ends one that failed after some of its data: "Error chunk types".</summary>
    /// <param name="request">The request.</param>
    /// <param name="errno">A value of <see cref="NbdErrno"/>.</param>
    /// <param name="text">Why, for a client that shows it.</param>
    /// <returns>False where the client is gone.</returns>
    internal bool Error(in ServerRequest request, int errno, string text)
    {
        if (!structured) return Simple(request, errno, default);
        var bytes = Encoding.UTF8.GetBytes(text).AsSpan();
        bytes = bytes[..Math.Min(bytes.Length, ServerWire.MaxErrorText)];
        Span<byte> head = stackalloc byte[Wire.StructuredReplyLength + 6];
        Chunk(head, request, done: true, Wire.ReplyError, 6 + bytes.Length);
        BinaryPrimitives.WriteUInt32BigEndian(head[Wire.StructuredReplyLength..], (uint)errno);
        BinaryPrimitives.WriteUInt16BigEndian(head[(Wire.StructuredReplyLength + 4)..], (ushort)bytes.Length);
        lock (_lock) return client.Send(head, bytes);
    }

    private bool Simple(in ServerRequest request, int errno, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[Wire.SimpleReplyLength];
        BinaryPrimitives.WriteUInt32BigEndian(head, Wire.SimpleReplyMagic);
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], (uint)errno);
        BinaryPrimitives.WriteUInt64BigEndian(head[8..], request.Cookie);
        lock (_lock) return client.Send(head, data);
    }

    private static void Chunk(Span<byte> head, in ServerRequest request, bool done, ushort type, int length)
    {
        BinaryPrimitives.WriteUInt32BigEndian(head, Wire.StructuredReplyMagic);
        BinaryPrimitives.WriteUInt16BigEndian(head[4..], done ? Wire.ReplyFlagDone : (ushort)0);
        BinaryPrimitives.WriteUInt16BigEndian(head[6..], type);
        BinaryPrimitives.WriteUInt64BigEndian(head[8..], request.Cookie);
        BinaryPrimitives.WriteUInt32BigEndian(head[16..], (uint)length);
    }
}
