namespace Hyper2Kvm.Copy;

/// <summary>
/// One thread's pair of source and target. Reads are kept in flight; each that is answered is scanned and written
/// before the next answer is taken, so the data is still in the cache.
/// </summary>
internal sealed class Lane(DiskCopy disk, ISourceLane source, ITargetLane target) : IDisposable
{
    private ISourceLane _source = source;
    private Dictionary<ulong, int>? _attempts;
    private ulong _advanced;
    private CancellationToken _cancellation;

    internal ISourceLane Source => _source;

    /// <summary>Bytes of the range at hand that are copied.</summary>
    internal ulong Advanced => _advanced;

    /// <summary>Copies a range. When it returns, the target has answered every write of it.</summary>
    internal void Copy(CopyRange range, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        try
        {
            CopyExtents(range);
            _advanced = 0; // Nothing of a finished range is ever taken back.
        }
        catch
        {
            LeaveSource();
            throw;
        }
    }

    /// <summary>
    /// Takes the answers still due and drops them. nbdkit 1.32.5 aborts ("raw_send_socket: Assertion `sock >= 0'") when
    /// a client leaves while several of its reads are being answered, and a cow overlay, the converted guest, goes with
    /// it: then a copy that failed for want of space on the target could not be repeated.
    /// </summary>
    private void LeaveSource()
    {
        try
        {
            while (_source.InFlight > 0)
            {
                if (_source.Receive().Buffer is { } buffer) _source.Return(buffer);
            }
        }
        catch (Exception e) when (DiskCopy.IsEndpointError(e))
        {
            // The connection is what failed, or the time to leave politely is over.
        }
    }

    private void CopyExtents(CopyRange range)
    {
        _advanced = 0;
        foreach (var extent in range.Extents)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (extent.IsZero) Zero(extent);
            else if (target.TryCopyFrom(_source, extent)) Share(extent);
            else Read(extent);
        }

        do
        {
            while (_source.InFlight > 0) Settle();
            At(CopySide.Target, null, target.Drain);
        }
        while (Again());
    }

    /// <summary>
    /// The connection to the source is lost and the range will be copied again: what was counted of it counts no more. That to the
    /// target stays: what was written over it is not flushed yet.
    /// </summary>
    /// <exception cref="CopyException">The target is lost, too.</exception>
    internal void LoseSource()
    {
        Retreat(_advanced);
        _source.Dispose();
        At(CopySide.Target, null, target.Drain);
        while (target.TakeFailed(out var piece, out var error))
        {
            if (!DiskCopy.MayPass(error)) throw disk.Failed(CopySide.Target, piece.Offset, error);
        }
    }

    /// <summary>Goes on with another connection to the source.</summary>
    internal void GoOnWith(ISourceLane another) => _source = another;

    /// <summary>Puts all of the disk on stable storage.</summary>
    internal void Flush() => At(CopySide.Target, null, target.Flush);

    internal void Shutdown()
    {
        _source.Shutdown();
        target.Shutdown();
    }

    public void Dispose()
    {
        _source.Dispose();
        target.Dispose();
    }

    private void Advance(ulong bytes)
    {
        _advanced += bytes;
        disk.Progress.Advance(bytes);
    }

    private void Retreat(ulong bytes)
    {
        _advanced -= bytes;
        disk.Progress.Retreat(bytes);
    }

    private void Read(SourceExtent extent)
    {
        var request = (ulong)disk.RequestSize;
        for (var offset = extent.Offset; offset < extent.End;)
        {
            // Requests end on multiples of their size: aligned for both servers and for O_DIRECT.
            var length = (uint)Math.Min(request - (offset % request), extent.End - offset);
            while (_source.InFlight >= disk.Depth) Settle();
            if (target.HasFailed) Again(); // A full target is told now, not at the end of the range.
            _cancellation.ThrowIfCancellationRequested();
            disk.Bandwidth.Wait(length, _cancellation);
            Submit(offset, length);
            offset += length;
        }
    }

    private void Share(SourceExtent extent)
    {
        disk.Progress.AddShared((long)extent.Length);
        Advance(extent.Length);
    }

    private void Submit(ulong offset, uint length)
    {
        try
        {
            _source.Submit(offset, length);
        }
        catch (Exception e) when (DiskCopy.IsEndpointError(e))
        {
            throw disk.Failed(CopySide.Source, offset, e);
        }
    }

    /// <summary>Takes one answer from the source and passes it on.</summary>
    private void Settle()
    {
        SourceData data;
        try
        {
            data = _source.Receive();
        }
        catch (Exception e) when (DiskCopy.IsEndpointError(e))
        {
            throw disk.Failed(CopySide.Source, null, e);
        }

        if (data.Error is not null)
        {
            if (data.Buffer is not null) _source.Return(data.Buffer);
            CountAttempt(CopySide.Source, data.Offset, data.Error);
            Submit(data.Offset, data.Length);
            return;
        }

        var bytes = data.Buffer!.Span[..(int)data.Length];
        disk.Digest?.Add(data.Offset, bytes);
        if (!disk.WasDone(data.Offset)) Write(data.Offset, bytes);
        _source.Return(data.Buffer);
        disk.Progress.AddRead(data.Length);
        Advance(data.Length);
    }

    private void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        if (disk.Settings.Allocated)
        {
            WriteRun(offset, data);
            return;
        }

        var runs = new ZeroRuns(data, disk.SparseBlock);
        while (runs.Next())
        {
            var at = offset + (ulong)runs.Start;
            if (!runs.IsZero) WriteRun(at, data.Slice(runs.Start, runs.Length));
            else if (!disk.TargetIsZero(at, (ulong)runs.Length)) ZeroRun(at, (ulong)runs.Length);
        }
    }

    private void WriteRun(ulong offset, ReadOnlySpan<byte> data)
    {
        disk.Progress.AddWritten(data.Length);
        try
        {
            target.Write(offset, data);
        }
        catch (Exception e) when (DiskCopy.IsEndpointError(e))
        {
            throw disk.Failed(CopySide.Target, offset, e);
        }
    }

    private void Zero(SourceExtent extent)
    {
        disk.Digest?.AddZeroes(extent.Offset, extent.Length);
        if (!disk.WasDone(extent.Offset) && !disk.TargetIsZero(extent.Offset, extent.Length)) ZeroRun(extent.Offset, extent.Length);
        Advance(extent.Length);
    }

    private void ZeroRun(ulong offset, ulong length) => At(CopySide.Target, offset, () => target.Zero(offset, length, _cancellation));

    /// <summary>Does once more what the target failed. The data is read anew: its buffer has long been used for something else.</summary>
    private bool Again()
    {
        var any = false;
        while (target.TakeFailed(out var piece, out var error))
        {
            any = true;
            CountAttempt(CopySide.Target, piece.Offset, error);
            var end = Math.Min(piece.End, disk.Size); // The target may have written the rest of a block behind it.
            if (piece.IsZero)
            {
                ZeroRun(piece.Offset, end - piece.Offset);
                continue;
            }

            // Read in whole blocks, as at first: holes in what was read may have left less of them to be written.
            var start = piece.Offset / disk.Alignment * disk.Alignment;
            end = Math.Min((end + disk.Alignment - 1) / disk.Alignment * disk.Alignment, disk.Size);
            while (_source.InFlight >= disk.Depth) Settle();
            Retreat(end - start);
            Submit(start, (uint)(end - start));
        }

        return any;
    }

    /// <summary>An EIO may pass; whatever else a server says (ENOSPC, EPERM, EINVAL) will be said again.</summary>
    private void CountAttempt(CopySide side, ulong offset, Exception error)
    {
        _attempts ??= [];
        var attempts = _attempts.GetValueOrDefault(offset) + 1;
        _attempts[offset] = attempts;
        if (!DiskCopy.MayPass(error) || attempts >= disk.Settings.Attempts) throw disk.Failed(side, offset, error);
        disk.Progress.CountRetry();
    }

    private void At(CopySide side, ulong? offset, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (DiskCopy.IsEndpointError(e))
        {
            throw disk.Failed(side, offset, e);
        }
    }
}
