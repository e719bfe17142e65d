using Hyper2Kvm.Copy.Journal;
using Hyper2Kvm.Copy.Verify;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>One disk on its way: both ends, what is left to do, the lanes that do it, and how far they are.</summary>
internal sealed class DiskCopy : IDisposable
{
    private readonly DiskEnds _ends;
    private readonly ISourceDisk _source;
    private readonly ITargetDisk _target;
    private readonly DiskNotes? _notes;
    private readonly RangeQueue _ranges;
    private readonly ByteRanges? _earlier;
    private readonly Stack<Lane> _idle = new();
    private readonly List<Lane> _lanes = [];
    private readonly ICopyObserver _observer;
    private readonly Lock _progressLock = new();
    private readonly Lock _rangeLock = new();
    private readonly Lock _laneLock = new();
    private readonly int _mostLanes;
    private long _done;
    private long _read;
    private long _written;
    private long _shared;
    private int _retries;
    private ulong _reported;
    private bool _shutdown;

    internal DiskCopy(CopyTask task, CopySettings settings, CopyPlan plan, BufferPool pool, TokenBucket bandwidth, ICopyObserver observer)
    {
        Task = task;
        Settings = settings;
        Bandwidth = bandwidth;
        _observer = observer;
        _ends = DiskEnds.Open(task, settings, pool, observer);
        (_source, _target) = (_ends.Source, _ends.Target);
        Size = Math.Min(_source.Size, task.Length ?? ulong.MaxValue);
        if (settings.Verify) Digest = new DiskDigest(Size);
        Depth = plan.Depth;
        SparseBlock = _target.SparseBlock;
        _mostLanes = _source.ManyLanes && _target.ManyLanes ? plan.Workers : 1;
        Alignment = Math.Max((uint)(settings.Verify ? DiskDigest.LeafBytes : NbdBuffer.Alignment), Math.Max(_source.MinimumBlock, _target.Alignment));
        RequestSize = (int)Math.Max(Alignment, (ulong)plan.RequestSize / Alignment * Alignment);

        if (_ends.Journal is { } journal)
        {
            var earlier = journal.Done.WholeBlocks(Alignment, Size);
            if (earlier.Total > 0) _earlier = earlier;
            _notes = new DiskNotes(journal, _target, settings, message => observer.Warned(task, message));
        }

        // A digest wants all of the source, what was copied before, too.
        _ranges = new RangeQueue(Size, Alignment, plan.RangeLength, _target.IsZero, _earlier, skipDone: !settings.Verify);
    }

    internal CopyTask Task { get; }

    internal CopySettings Settings { get; }

    internal TokenBucket Bandwidth { get; }

    /// <summary>Bytes that are copied.</summary>
    internal ulong Size { get; }

    /// <summary>Of what is read, where it is to be compared; complete when the disk is finished.</summary>
    internal DiskDigest? Digest { get; }

    /// <summary>Bytes; a multiple of <see cref="Alignment"/>.</summary>
    internal int RequestSize { get; }

    /// <summary>What is read and written starts and ends on a multiple of this, or with the disk: bytes, a power of two.</summary>
    internal ulong Alignment { get; }

    internal int Depth { get; }

    internal int SparseBlock { get; }

    /// <summary>All ranges are handed out and none is being worked on. Asked under the schedule's lock.</summary>
    internal bool IsSettled => _ranges.IsEmpty && Busy == 0;

    internal bool IsFinished { get; set; }

    /// <summary>Workers that have reserved a lane of this disk.</summary>
    internal int Busy { get; set; }

    internal bool HasWork => !_ranges.IsEmpty && Busy < _mostLanes;

    /// <summary>An earlier run has finished the place: it is only read, for the digest.</summary>
    internal bool WasDone(ulong offset) => _earlier is not null && _earlier.At(offset).Inside;

    internal bool TargetIsZero(ulong offset, ulong length) => _target.IsZero(offset, length);

    /// <summary>A failure of an endpoint, which is named and reported; anything else is a fault of ours.</summary>
    internal static bool IsEndpointError(Exception error) => error is NbdException or FileSystemErrorException or ServerRestartedException;

    internal static bool MayPass(Exception error) => error is NbdServerException { Errno: NbdErrno.InputOutput or NbdErrno.NoMemory };

    internal CopyException Failed(CopySide side, ulong? offset, Exception error) => CopyException.From(error, Task.Name, side, offset);

    /// <summary>A lane for a worker that has raised <see cref="Busy"/>; opened if none is idle.</summary>
    internal Lane RentLane()
    {
        lock (_laneLock)
        {
            if (_idle.TryPop(out var idle)) return idle;
        }

        var source = Open(CopySide.Source, _source.OpenLane);
        ITargetLane target;
        try
        {
            target = Open(CopySide.Target, _target.OpenLane);
        }
        catch
        {
            source.Dispose();
            throw;
        }

        var lane = new Lane(this, source, target);
        lock (_laneLock)
        {
            _lanes.Add(lane);
            if (_shutdown) lane.Shutdown();
        }

        return lane;
    }

    internal void ReturnLane(Lane lane)
    {
        lock (_laneLock) _idle.Push(lane);
    }

    /// <summary>Connects a lane that lost its source once more.</summary>
    internal void Reconnect(Lane lane)
    {
        var source = Open(CopySide.Source, _source.OpenLane);
        lock (_laneLock)
        {
            lane.GoOnWith(source);
            if (_shutdown) lane.Shutdown();
        }
    }

    internal CopyRange? TakeRange(Lane lane)
    {
        lock (_rangeLock)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return _ranges.Take(lane.Source);
                }
                catch (Exception e) when (MayPass(e) && attempt < Settings.Attempts)
                {
                    CountRetry(); // The queue keeps what it has: only the question for extents is asked again.
                }
                catch (Exception e) when (IsEndpointError(e))
                {
                    throw Failed(CopySide.Source, null, e);
                }
            }
        }
    }

    internal void Start()
    {
        _observer.Started(Task, Size);
        if (_earlier is not null && !Settings.Verify) Advance(_earlier.Total);
    }

    /// <summary>A range is finished: every write of it was answered. What an earlier run has done is in the journal already.</summary>
    internal void Note(CopyRange range, Lane lane) => _notes?.Add(range.Extents.Where(extent => !WasDone(extent.Offset)), lane);

    /// <summary>Flushes, reports, closes.</summary>
    internal void Finish()
    {
        At(CopySide.Source, _source.MustBeWhole);
        At(CopySide.Target, _target.Complete);
        if (Settings.Flush)
        {
            // One flush is enough: several lanes are only open where the target promises that one flushes all.
            var lane = RentLane();
            lane.Flush();
            ReturnLane(lane);
            _notes?.Complete();
        }

        _observer.Finished(Task, new CopyResult(Size, (ulong)_read, (ulong)_written, (ulong)_shared, _retries));
        Dispose();
    }

    internal void AddRead(long bytes) => Interlocked.Add(ref _read, bytes);

    internal void AddWritten(long bytes) => Interlocked.Add(ref _written, bytes);

    internal void AddShared(long bytes) => Interlocked.Add(ref _shared, bytes);

    internal void CountRetry() => Interlocked.Increment(ref _retries);

    /// <summary>Bytes that will be counted again.</summary>
    internal void Retreat(ulong bytes) => Interlocked.Add(ref _done, -(long)bytes);

    /// <summary>So much more is settled. The observer hears of each hundredth.</summary>
    internal void Advance(ulong bytes)
    {
        Interlocked.Add(ref _done, (long)bytes);
        lock (_progressLock)
        {
            var done = Math.Min((ulong)Math.Max(0, Interlocked.Read(ref _done)), Size);
            if (done < Size && done < _reported + (Size / 100)) return;
            if (done <= _reported) return;
            _reported = done;
            _observer.Progress(Task, done, Size);
        }
    }

    /// <summary>Wakes all that wait in a lane of this disk, from any thread.</summary>
    internal void Shutdown()
    {
        lock (_laneLock)
        {
            _shutdown = true;
            foreach (var lane in _lanes) lane.Shutdown();
        }
    }

    public void Dispose()
    {
        lock (_laneLock)
        {
            foreach (var lane in _lanes) lane.Dispose();
            _lanes.Clear();
            _idle.Clear();
        }

        _ends.Dispose();
    }

    private void At(CopySide side, Action action) => Open(side, () =>
    {
        action();
        return true;
    });

    private T Open<T>(CopySide side, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (IsEndpointError(e))
        {
            throw Failed(side, null, e);
        }
    }
}
