namespace Hyper2Kvm.Nbd.Server;

/// <summary>Answers requests: proto.md, "Request types". Called by all threads of a connection.</summary>
internal sealed class ServerReplies(ClientSocket client, IServedDisk disk, NbdListenerOptions options, bool structured, bool baseAllocation)
{
    private readonly ReplyWriter _writer = new(client, structured);
    private readonly Lock _whole = new();

    /// <summary>Does what is asked and answers it.</summary>
    /// <param name="request">The request, unchecked.</param>
    /// <param name="buffer">A buffer for one piece of data; what is to be written begins it, whole.</param>
    /// <returns>False where the client is gone.</returns>
    internal bool Answer(in ServerRequest request, Span<byte> buffer) => request.Command switch
    {
        NbdCommand.Read => Read(request, buffer),
        NbdCommand.BlockStatus => BlockStatus(request),
        NbdCommand.Write or NbdCommand.WriteZeroes or NbdCommand.Trim or NbdCommand.Flush when disk is IWritableServedDisk writable => Change(writable, request, buffer),
        NbdCommand.Write or NbdCommand.WriteZeroes or NbdCommand.Trim => _writer.Error(request, NbdErrno.NotPermitted, "the export is read-only"),
        _ => _writer.Error(request, NbdErrno.Invalid, $"request type {(int)request.Command} is not offered"),
    };

    /// <summary>"NBD_CMD_WRITE", "NBD_CMD_WRITE_ZEROES", "NBD_CMD_TRIM", "NBD_CMD_FLUSH"; NBD_CMD_FLAG_FUA on any of them flushes.</summary>
    private bool Change(IWritableServedDisk writable, in ServerRequest request, ReadOnlySpan<byte> data)
    {
        var allowed = NbdCommandFlags.Fua | (request.Command == NbdCommand.WriteZeroes ? NbdCommandFlags.NoHole : 0);
        var isFlush = request.Command == NbdCommand.Flush;
        if ((request.Flags & ~allowed) != 0 || (!isFlush && !request.IsWithin(disk.Size)))
        {
            var outside = !isFlush && request.Length > 0 && request.Command != NbdCommand.Trim && !request.IsWithin(disk.Size);
            return _writer.Error(request, outside ? NbdErrno.NoSpace : NbdErrno.Invalid, $"request type {(int)request.Command} of {request.Length} bytes at offset {request.Offset} of {disk.Size}");
        }

        try
        {
            switch (request.Command)
            {
                case NbdCommand.Write:
                    writable.Write(request.Offset, data[..(int)request.Length]);
                    break;
                case NbdCommand.WriteZeroes:
                    writable.Zero(request.Offset, request.Length);
                    break;
                case NbdCommand.Trim:
                    writable.Trim(request.Offset, request.Length);
                    break;
                default:
                    break;
            }

            if (isFlush || (request.Flags & NbdCommandFlags.Fua) != 0) writable.Flush();
        }
        catch (ServedDiskException failure)
        {
            options.Log?.Invoke($"request type {(int)request.Command} of {request.Length} bytes at offset {request.Offset} failed: {failure.Message}");
            return _writer.Error(request, failure.Errno, failure.Message);
        }

        return _writer.Done(request);
    }

    private bool Read(in ServerRequest request, Span<byte> buffer)
    {
        // NBD_CMD_FLAG_DF is not offered (NBD_FLAG_SEND_DF): it would be a promise not to answer in pieces.
        if (!request.IsWithin(disk.Size) || request.Length > NbdConnection.MaxPayload || (request.Flags & ~NbdCommandFlags.Fua) != 0)
        {
            return _writer.Error(request, NbdErrno.Invalid, $"a read of {request.Length} bytes at offset {request.Offset} of {disk.Size}");
        }

        if (structured || request.Length <= buffer.Length) return Pieces(request, buffer);

        // Without structured replies an error can be told only before the first byte: everything is read first. One at a time, for its size.
        lock (_whole)
        {
            using var whole = new NbdBuffer((int)request.Length);
            return Pieces(request, whole.Span);
        }
    }

    private bool Pieces(in ServerRequest request, Span<byte> buffer)
    {
        var length = (uint)buffer.Length;
        for (uint at = 0; at < request.Length;)
        {
            // Pieces end on multiples of their length, as blocks do.
            var offset = request.Offset + at;
            var piece = buffer[..(int)Math.Min(request.Length <= length ? request.Length : length - (offset % length), request.Length - at)];
            try
            {
                disk.Read(offset, piece);
            }
            catch (ServedDiskException failure)
            {
                options.Log?.Invoke($"read of {piece.Length} bytes at offset {offset} failed: {failure.Message}");
                return _writer.Error(request, failure.Errno, failure.Message);
            }

            if (!_writer.Data(request, at, piece)) return false;
            at += (uint)piece.Length;
        }

        return true;
    }

    /// <summary>"NBD_CMD_BLOCK_STATUS". Neighbours of one kind are joined; the answer may stop before the end of the question.</summary>
    private bool BlockStatus(in ServerRequest request)
    {
        if (!baseAllocation || !request.IsWithin(disk.Size))
        {
            return _writer.Error(request, NbdErrno.Invalid, baseAllocation ? $"block status of {request.Length} bytes at offset {request.Offset} of {disk.Size}" : "no metadata context was agreed on");
        }

        var end = request.Offset + request.Length;
        var most = (request.Flags & NbdCommandFlags.RequestOne) != 0 ? 1 : ServerWire.MaxExtents;
        var extents = new List<NbdExtent>();
        for (var offset = request.Offset; offset < end;)
        {
            var extent = disk.ExtentAt(offset, end);
            if (extents.Count > 0 && extents[^1].Flags == extent.Flags) extents[^1] = extents[^1] with { Length = extents[^1].Length + extent.Length };
            else if (extents.Count == most) break;
            else extents.Add(extent);
            offset = extent.End;
        }

        // Only the last extent may reach beyond the question, and never with NBD_CMD_FLAG_REQ_ONE. Ours do not.
        extents[^1] = extents[^1] with { Length = Math.Min(extents[^1].End, end) - extents[^1].Offset };
        return _writer.Extents(request, extents);
    }
}
