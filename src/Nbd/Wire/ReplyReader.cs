using System.Buffers.Binary;

namespace Hyper2Kvm.Nbd;

/// <summary>
/// Reads replies of the transmission phase and holds every value of the server to what was asked: proto.md,
/// "Simple reply message", "Structured reply chunk message".
/// </summary>
internal sealed unsafe class ReplyReader(Transport transport, NbdExport export)
{
    private const int DescriptorLength = 8;
    private readonly Dictionary<ulong, PendingRequest> _pending = [];

    internal int Count => _pending.Count;

    internal IEnumerable<PendingRequest> Pending => _pending.Values;

    internal void Expect(PendingRequest request) => _pending.Add(request.Cookie, request);

    /// <summary>Reads one reply or chunk. Returns the request that it completes, or null if more chunks follow.</summary>
    internal PendingRequest? Receive()
    {
        // Magic, flags, type and cookie of a structured reply are as long as a whole simple reply.
        Span<byte> head = stackalloc byte[Wire.SimpleReplyLength];
        transport.Receive(head, "a reply");
        var magic = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (magic is not (Wire.SimpleReplyMagic or Wire.StructuredReplyMagic)) throw Broken($"reply magic is 0x{magic:x8}");
        var cookie = BinaryPrimitives.ReadUInt64BigEndian(head[8..]);
        if (!_pending.TryGetValue(cookie, out var request)) throw Broken($"a reply for cookie 0x{cookie:x}, which is not in flight");
        var done = magic == Wire.SimpleReplyMagic
            ? SimpleReply(request, BinaryPrimitives.ReadUInt32BigEndian(head[4..]))
            : Chunk(request, BinaryPrimitives.ReadUInt16BigEndian(head[4..]), BinaryPrimitives.ReadUInt16BigEndian(head[6..]));
        if (!done) return null;
        _pending.Remove(cookie);
        return request;
    }

    private bool SimpleReply(PendingRequest request, uint error)
    {
        if (request.Chunks > 0) throw Broken("a simple reply in the middle of a structured one", request);
        if (error != 0)
        {
            request.Fail(Errno(error), null);
            return true;
        }

        if (request.Command == NbdCommand.BlockStatus) throw Broken("a simple reply to a block status", request);
        if (request.Command != NbdCommand.Read) return true;
        if (export.StructuredReplies) throw Broken("a simple reply to a read although structured replies were agreed on", request);
        transport.Receive(request.Destination, (int)request.Length, "the data of a read");
        return true;
    }

    private bool Chunk(PendingRequest request, ushort flags, ushort type)
    {
        if (!export.StructuredReplies) throw Broken("a structured reply although none were agreed on", request);
        Span<byte> number = stackalloc byte[4];
        transport.Receive(number, "the length of a chunk");
        var length = BinaryPrimitives.ReadUInt32BigEndian(number);
        var done = (flags & Wire.ReplyFlagDone) != 0;

        // No honest server cuts an answer into pieces smaller than a sector; without a bound one could be kept busy for ever.
        if (++request.Chunks > 16 + (request.Length / 512)) throw Broken($"{request.Chunks} chunks for one request", request);
        switch (type)
        {
            case Wire.ReplyNone:
                if (length != 0 || !done) throw Broken("NBD_REPLY_TYPE_NONE with data or without the done flag", request);
                break;
            case Wire.ReplyOffsetData:
                OffsetData(request, length);
                break;
            case Wire.ReplyOffsetHole:
                OffsetHole(request, length);
                break;
            case Wire.ReplyBlockStatus:
                BlockStatus(request, length);
                break;
            default:
                if ((type & Wire.ReplyErrorBit) == 0) throw Broken($"chunk type {type}", request);
                Error(request, type, length);
                break;
        }

        if (done && request.Errno == 0) CheckComplete(request);
        return done;
    }

    private void CheckComplete(PendingRequest request)
    {
        if (request.Command == NbdCommand.Read && !request.Coverage.Covers(request.Length)) throw Broken("a short reply to a read", request);
        if (request is { Command: NbdCommand.BlockStatus, Extents: null }) throw Broken("a block status without an extent", request);
    }

    private void OffsetData(PendingRequest request, uint length)
    {
        if (request.Command != NbdCommand.Read) throw Broken("data in reply to this command", request);
        if (length <= 8) throw Broken($"NBD_REPLY_TYPE_OFFSET_DATA of {length} bytes", request);
        var at = ChunkOffset(request, length - 8);
        transport.Receive(request.Destination + at, (int)(length - 8), "the data of a read");
    }

    private void OffsetHole(PendingRequest request, uint length)
    {
        if (request.Command != NbdCommand.Read) throw Broken("a hole in reply to this command", request);
        if (length != 12) throw Broken($"NBD_REPLY_TYPE_OFFSET_HOLE of {length} bytes", request);

        // Offset and length come together; look at both before the range is believed.
        Span<byte> data = stackalloc byte[12];
        transport.Receive(data, "a hole");
        var size = BinaryPrimitives.ReadUInt32BigEndian(data[8..]);
        if (size == 0) throw Broken("a hole of no length", request);
        var at = Within(request, BinaryPrimitives.ReadUInt64BigEndian(data), size);
        new Span<byte>(request.Destination + at, (int)size).Clear();
    }

    private uint ChunkOffset(PendingRequest request, uint length)
    {
        Span<byte> data = stackalloc byte[8];
        transport.Receive(data, "the offset of a chunk");
        return Within(request, BinaryPrimitives.ReadUInt64BigEndian(data), length);
    }

    /// <summary>The place of a chunk within the request's buffer.</summary>
    private uint Within(PendingRequest request, ulong offset, uint length)
    {
        if (offset < request.Offset || length > request.Length || offset - request.Offset > request.Length - length)
        {
            throw Broken($"{length} bytes at offset {offset} lie outside the request", request);
        }

        var at = (uint)(offset - request.Offset);
        if (!request.Coverage.Add(at, at + length)) throw Broken($"{length} bytes at offset {offset} came twice", request);
        return at;
    }

    private void BlockStatus(PendingRequest request, uint length)
    {
        if (request.Command != NbdCommand.BlockStatus) throw Broken("a block status in reply to this command", request);
        if (length < 4 + DescriptorLength || (length - 4) % DescriptorLength != 0 || length > Wire.MaxBlockStatus)
        {
            throw Broken($"NBD_REPLY_TYPE_BLOCK_STATUS of {length} bytes", request);
        }

        var data = new byte[length];
        transport.Receive(data, "extents");
        var context = BinaryPrimitives.ReadUInt32BigEndian(data);
        if (!export.MetaContexts.Values.Contains(context)) throw Broken($"extents of metadata context {context}, which was never agreed on", request);
        var extents = Descriptors(request, data.AsSpan(4));

        // All contexts that were agreed on are answered; the caller asked about one.
        if (context != request.Context) return;
        if (request.Extents is not null) throw Broken("extents of one metadata context came twice", request);
        request.Extents = extents;
    }

    private List<NbdExtent> Descriptors(PendingRequest request, ReadOnlySpan<byte> data)
    {
        var extents = new List<NbdExtent>(data.Length / DescriptorLength);
        var offset = request.Offset;
        for (; data.Length > 0; data = data[DescriptorLength..])
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(data);
            if (length == 0) throw Broken($"an extent of no length at offset {offset}", request);
            if (offset - request.Offset >= request.Length) throw Broken($"an extent at offset {offset} lies outside the request", request);
            if (length > export.Size - offset) throw Broken($"the extent at offset {offset} of {length} bytes reaches beyond the end ({export.Size})", request);
            extents.Add(new NbdExtent(offset, length, BinaryPrimitives.ReadUInt32BigEndian(data[4..])));
            offset += length;
        }

        return extents;
    }

    /// <summary>proto.md, "Error chunk types". Types not known to us are errors all the same, by their bit 15.</summary>
    private void Error(PendingRequest request, ushort type, uint length)
    {
        if (length is < 6 or > Wire.MaxErrorChunk) throw Broken($"an error chunk of {length} bytes", request);
        if (++request.ErrorChunks > Wire.MaxErrorChunks) throw Broken($"{request.ErrorChunks} error chunks", request);
        Span<byte> data = stackalloc byte[(int)length];
        transport.Receive(data, "an error");
        var error = BinaryPrimitives.ReadUInt32BigEndian(data);
        if (error == 0) throw Broken("an error chunk with error 0", request);
        var textLength = BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        var rest = (int)length - 6 - textLength;
        if (rest < 0 || (type == Wire.ReplyErrorOffset && rest != 8)) throw Broken($"an error chunk of {length} bytes with a text of {textLength}", request);
        if (type == Wire.ReplyErrorOffset)
        {
            var offset = BinaryPrimitives.ReadUInt64BigEndian(data[(6 + textLength)..]);
            if (offset < request.Offset || offset - request.Offset >= request.Length) throw Broken($"an error at offset {offset}, outside the request", request);
        }

        request.Fail(Errno(error), textLength == 0 ? null : Text.OfServer(data.Slice(6, textLength)));
    }

    /// <summary>A value that does not fit a positive errno is an error still.</summary>
    private static int Errno(uint error) => error <= int.MaxValue ? (int)error : NbdErrno.InputOutput;

    private NbdProtocolException Broken(string what) => new($"{transport.Endpoint}: protocol violation: {what}.");

    private NbdProtocolException Broken(string what, PendingRequest request) =>
        Broken($"{what} (request: {request.Command}, offset {request.Offset}, {request.Length} bytes)");
}
