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
    private readonly DiskLanes _lanes;
    private readonly ICopyObserver _observer;
    private readonly Lock _rangeLock = new();
    private readonly int _mostLanes;

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

        Progress = new DiskProgress(task, Size, observer);
        _lanes = new DiskLanes(this, _source, _target);

        // A digest wants all of the source, what was copied before, too.
        _ranges = new RangeQueue(Size, Alignment, plan.RangeLength, _target.IsZero, _earlier, skipDone: !settings.Verify);
    }

    internal CopyTask Task { get; }

    internal CopySettings Settings { get; }

    internal TokenBucket Bandwidth { get; }

    /// <summary>Bytes that are copied.</summary>
    internal ulong Size { get; }

    /// <summary>How far it is.</summary>
    internal DiskProgress Progress { get; }

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

    /// <inheritdoc cref="DiskLanes.Rent"/>
    internal Lane RentLane() => _lanes.Rent();

    /// <inheritdoc cref="DiskLanes.Return"/>
    internal void ReturnLane(Lane lane) => _lanes.Return(lane);

    /// <inheritdoc cref="DiskLanes.Reconnect"/>
    internal void Reconnect(Lane lane) => _lanes.Reconnect(lane);

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
                    Progress.CountRetry(); // The queue keeps what it has: only the question for extents is asked again.
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
        if (_earlier is not null && !Settings.Verify) Progress.Advance(_earlier.Total);
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

        _observer.Finished(Task, Progress.Result);
        Dispose();
    }

    /// <inheritdoc cref="DiskLanes.Shutdown"/>
    internal void Shutdown() => _lanes.Shutdown();

    public void Dispose()
    {
        _lanes.Dispose();
        _ends.Dispose();
    }

    /// <summary>Does something with an end of the disk, and names it in its failures.</summary>
    internal T Open<T>(CopySide side, Func<T> open)
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

    private void At(CopySide side, Action action) => Open(side, () =>
    {
        action();
        return true;
    });
}
