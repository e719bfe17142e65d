namespace Hyper2Kvm.Nbd;

/// <content>Commands that wait for their answer.</content>
public sealed unsafe partial class NbdConnection
{
    /// <summary>NBD_CMD_READ: fills the buffer, in several requests if it is longer than <see cref="MaxRequest"/>.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="buffer">Filled whole.</param>
    /// <exception cref="NbdServerException">The server failed the read.</exception>
    /// <exception cref="NbdException">The connection failed.</exception>
    public void Read(ulong offset, Span<byte> buffer)
    {
        for (var done = 0; done < buffer.Length;)
        {
            var part = (int)Math.Min(MaxRequest, buffer.Length - done);
            fixed (byte* p = buffer[done..])
            {
                var request = Request(NbdCommand.Read, offset + (ulong)done, (uint)part);
                request.Destination = p;
                Wait(Submit(request));
            }

            done += part;
        }
    }

    /// <summary>NBD_CMD_WRITE, in several requests if the data is longer than <see cref="MaxRequest"/>.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="data">What.</param>
    /// <param name="flags">NBD_CMD_FLAG_FUA or none.</param>
    /// <exception cref="NbdException">As for <see cref="Read"/>.</exception>
    public void Write(ulong offset, ReadOnlySpan<byte> data, NbdCommandFlags flags = NbdCommandFlags.None)
    {
        for (var done = 0; done < data.Length;)
        {
            var part = (int)Math.Min(MaxRequest, data.Length - done);
            fixed (byte* p = data[done..]) Wait(Submit(Request(NbdCommand.Write, offset + (ulong)done, (uint)part, flags), p));
            done += part;
        }
    }

    /// <summary>NBD_CMD_WRITE_ZEROES.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="flags">NO_HOLE, FAST_ZERO, FUA or none.</param>
    /// <exception cref="NotSupportedException">The export has no NBD_FLAG_SEND_WRITE_ZEROES (or FAST_ZERO, if asked for).</exception>
    /// <exception cref="NbdException">As for <see cref="Read"/>.</exception>
    public void Zero(ulong offset, uint length, NbdCommandFlags flags = NbdCommandFlags.None) => Wait(Submit(ZeroRequest(offset, length, flags)));

    /// <summary>NBD_CMD_TRIM: the range's content may be forgotten. What it reads as afterwards is undefined.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="length">How many bytes.</param>
    /// <exception cref="NotSupportedException">The export has no NBD_FLAG_SEND_TRIM.</exception>
    /// <exception cref="NbdException">As for <see cref="Read"/>.</exception>
    public void Trim(ulong offset, uint length)
    {
        Require(NbdTransmissionFlags.Trim);
        Wait(Submit(Request(NbdCommand.Trim, offset, length)));
    }

    /// <summary>
    /// NBD_CMD_FLUSH: every write answered before is on stable storage. Nothing is sent where the export has no such command. Waits as
    /// long as <see cref="NbdConnectionOptions.FlushTimeout"/> says.
    /// </summary>
    /// <exception cref="NbdException">As for <see cref="Read"/>.</exception>
    public void Flush()
    {
        if (!Export.Flags.HasFlag(NbdTransmissionFlags.Flush)) return;
        var flush = Submit(Request(NbdCommand.Flush, 0, 0));
        _transport.Timeout = _options.FlushTimeout;
        try
        {
            Wait(flush);
        }
        finally
        {
            _transport.Timeout = _options.Timeout;
        }
    }

    /// <summary>NBD_CMD_CACHE: the server may fetch the range ahead.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="length">How many bytes.</param>
    /// <exception cref="NotSupportedException">The export has no NBD_FLAG_SEND_CACHE.</exception>
    /// <exception cref="NbdException">As for <see cref="Read"/>.</exception>
    public void Cache(ulong offset, uint length)
    {
        Require(NbdTransmissionFlags.Cache);
        Wait(Submit(Request(NbdCommand.Cache, offset, length)));
    }

    /// <summary>
    /// NBD_CMD_BLOCK_STATUS. The extents start at <paramref name="offset"/> and are contiguous; they may cover less
    /// than was asked for, and the last may reach further (never beyond the export's end).
    /// </summary>
    /// <param name="context">A name in <see cref="NbdExport.MetaContexts"/>.</param>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="length">How far, in bytes.</param>
    /// <param name="flags">REQ_ONE or none.</param>
    /// <exception cref="NotSupportedException">The server did not grant the context.</exception>
    /// <exception cref="NbdException">As for <see cref="Read"/>.</exception>
    public IReadOnlyList<NbdExtent> BlockStatus(string context, ulong offset, uint length, NbdCommandFlags flags = NbdCommandFlags.None)
    {
        if (!Export.MetaContexts.TryGetValue(context, out var id)) throw new NotSupportedException($"{Endpoint}: no metadata context '{context}'.");
        var cookie = Request(NbdCommand.BlockStatus, offset, length).Cookie;
        var request = new PendingRequest
        {
            Cookie = cookie, Command = NbdCommand.BlockStatus, Flags = flags, Offset = offset, Length = length, Context = id,
        };
        Wait(Submit(request));
        return request.Extents!;
    }

    private PendingRequest ZeroRequest(ulong offset, uint length, NbdCommandFlags flags)
    {
        Require(NbdTransmissionFlags.WriteZeroes);
        if (flags.HasFlag(NbdCommandFlags.FastZero)) Require(NbdTransmissionFlags.FastZero);
        return Request(NbdCommand.WriteZeroes, offset, length, flags);
    }

    private void Require(NbdTransmissionFlags flag)
    {
        if (!Export.Flags.HasFlag(flag)) throw new NotSupportedException($"{Endpoint}: the server does not offer {flag}.");
    }

    /// <summary>Waits for this request; others that are answered meanwhile are kept for <see cref="WaitAny"/>.</summary>
    private void Wait(PendingRequest request)
    {
        while (true)
        {
            var next = ReceiveNext();
            if (!ReferenceEquals(next, request))
            {
                _completed.Enqueue(next);
                continue;
            }

            if (ErrorOf(request) is { } error) throw error;
            return;
        }
    }
}
