namespace Hyper2Kvm.Nbd;

/// <content>Requests in flight: submit several, collect each as it is answered.</content>
public sealed unsafe partial class NbdConnection
{
    /// <summary>Sends NBD_CMD_READ; the buffer is taken from <paramref name="buffers"/> when the first byte comes.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="length">How many bytes, at most <see cref="MaxRequest"/>.</param>
    /// <param name="buffers">Where the buffer comes from.</param>
    /// <returns>The cookie that <see cref="NbdCompletion.Cookie"/> will show.</returns>
    /// <exception cref="NbdException">The connection failed.</exception>
    public ulong SubmitRead(ulong offset, uint length, INbdBufferSource buffers)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        CheckPayload(length);
        var cookie = Request(NbdCommand.Read, offset, length).Cookie;
        return Submit(new PendingRequest
        {
            Cookie = cookie, Command = NbdCommand.Read, Flags = NbdCommandFlags.None, Offset = offset, Length = length, Buffers = buffers,
        }).Cookie;
    }

    /// <summary>Sends NBD_CMD_WRITE with its data. When this returns the kernel has the data: the memory may be reused.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="data">What, at most <see cref="MaxRequest"/> bytes.</param>
    /// <param name="flags">NBD_CMD_FLAG_FUA or none.</param>
    /// <returns>The cookie.</returns>
    /// <exception cref="NbdException">The connection failed.</exception>
    public ulong SubmitWrite(ulong offset, ReadOnlySpan<byte> data, NbdCommandFlags flags = NbdCommandFlags.None)
    {
        CheckPayload((uint)data.Length);
        fixed (byte* p = data) return Submit(Request(NbdCommand.Write, offset, (uint)data.Length, flags), p).Cookie;
    }

    /// <summary>Sends NBD_CMD_WRITE_ZEROES.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="flags">NO_HOLE, FAST_ZERO, FUA or none.</param>
    /// <returns>The cookie.</returns>
    /// <exception cref="NotSupportedException">The export has no such command.</exception>
    /// <exception cref="NbdException">The connection failed.</exception>
    public ulong SubmitZero(ulong offset, uint length, NbdCommandFlags flags = NbdCommandFlags.None) =>
        Submit(ZeroRequest(offset, length, flags)).Cookie;

    /// <summary>Waits for the next answer of any submitted request. An error of the server is in the completion, not thrown.</summary>
    /// <exception cref="InvalidOperationException">Nothing is in flight.</exception>
    /// <exception cref="NbdException">The connection failed; all that is in flight is lost.</exception>
    public NbdCompletion WaitAny()
    {
        if (InFlight == 0) throw new InvalidOperationException("No request is in flight.");
        var request = _completed.TryDequeue(out var kept) ? kept : ReceiveNext();
        return new NbdCompletion
        {
            Cookie = request.Cookie,
            Command = request.Command,
            Offset = request.Offset,
            Length = request.Length,
            Buffer = request.Buffer,
            Error = ErrorOf(request),
        };
    }

    private void CheckPayload(uint length)
    {
        if (length > MaxRequest) throw new ArgumentOutOfRangeException(nameof(length), $"{Endpoint}: a request of {length} bytes; {MaxRequest} is the most.");
    }
}
