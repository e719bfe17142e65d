using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>
/// Writes over one NBD connection, several in flight. The kernel takes the data when a request is sent, so no buffer
/// waits for the answer; a write that must be repeated is read again.
/// </summary>
internal sealed class NbdTargetLane(NbdConnection connection, CopySettings settings) : ITargetLane
{
    /// <summary>Answers that may be outstanding: enough to keep the server's threads busy, few enough for its memory.</summary>
    private const int Depth = 8;

    /// <summary>Bytes of one write-zeroes: what a server that writes real zeroes does well within the deadline.</summary>
    private const uint ZeroLength = 128 << 20;

    private readonly Queue<(SourceExtent Piece, Exception Error)> _failed = new();

    /// <summary>Cookies of writes that are zeroes: should one fail there is nothing to read again.</summary>
    private readonly HashSet<ulong> _zeroWrites = [];
    private byte[]? _zeroes;

    public bool HasFailed => _failed.Count > 0;

    /// <summary>Bytes of the smallest block that the server writes.</summary>
    private int Minimum => (int)connection.Export.BlockSize.Minimum;

    public void Write(ulong offset, ReadOnlySpan<byte> data) => Write(offset, data, isZero: false);

    public void Zero(ulong offset, ulong length, CancellationToken cancellation)
    {
        if (!connection.Export.Flags.HasFlag(NbdTransmissionFlags.WriteZeroes))
        {
            WriteZeroesAsData(offset, length, cancellation);
            return;
        }

        var flags = settings.Allocated ? NbdCommandFlags.NoHole : NbdCommandFlags.None;
        var block = Math.Max(NbdBuffer.Alignment, Minimum);
        var tail = offset % (ulong)block == 0 ? length % (ulong)block : 0;
        for (length -= tail; length > 0;)
        {
            var part = (uint)Math.Min(length, ZeroLength);
            MakeRoom(Depth);
            connection.SubmitZero(offset, part, flags);
            offset += part;
            length -= part;
        }

        // The end of an odd size: nbdkit's file plugin answers EINVAL to it (1.32.5) if its file is a block device, which
        // zeroes whole sectors only.
        WriteZeroesAsData(offset, tail, cancellation);
    }

    public void Drain() => MakeRoom(1);

    public void Flush() => connection.Flush();

    public bool TakeFailed(out SourceExtent piece, out Exception error)
    {
        var any = _failed.TryDequeue(out var failed);
        (piece, error) = failed;
        return any;
    }

    public void Shutdown() => connection.Shutdown();

    public void Dispose() => connection.Dispose();

    /// <summary>Waits until fewer than so many answers are outstanding.</summary>
    private void MakeRoom(int limit)
    {
        while (connection.InFlight >= limit)
        {
            var completion = connection.WaitAny();
            var isZero = completion.Command == NbdCommand.WriteZeroes || _zeroWrites.Remove(completion.Cookie);
            if (completion.Error is not null) _failed.Enqueue((new SourceExtent(completion.Offset, completion.Length, isZero), completion.Error));
        }
    }

    private void WriteZeroesAsData(ulong offset, ulong length, CancellationToken cancellation)
    {
        _zeroes ??= new byte[256 * 1024];
        while (length > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var part = (int)Math.Min(length, (ulong)_zeroes.Length);
            Write(offset, _zeroes.AsSpan(0, part), isZero: true);
            offset += (ulong)part;
            length -= (ulong)part;
        }
    }

    /// <summary>In pieces that the server takes: no longer than its longest, and in whole blocks.</summary>
    private void Write(ulong offset, ReadOnlySpan<byte> data, bool isZero)
    {
        while (data.Length >= Minimum)
        {
            var part = Math.Min((int)connection.MaxRequest, data.Length / Minimum * Minimum);
            Submit(offset, data[..part], isZero);
            offset += (ulong)part;
            data = data[part..];
        }

        if (data.Length == 0) return;
        if (offset + (ulong)Minimum > connection.Size)
        {
            Submit(offset, data, isZero); // The disk itself ends in the middle of a block.
            return;
        }

        // The end of the source in the middle of a block of a larger target: what is behind it there stays.
        var block = new byte[Minimum];
        connection.Read(offset, block);
        data.CopyTo(block);
        Submit(offset, block, isZero);
    }

    private void Submit(ulong offset, ReadOnlySpan<byte> data, bool isZero)
    {
        MakeRoom(Depth);
        var cookie = connection.SubmitWrite(offset, data);
        if (isZero) _zeroWrites.Add(cookie);
    }
}
