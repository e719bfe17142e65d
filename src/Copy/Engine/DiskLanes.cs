namespace Hyper2Kvm.Copy;

/// <summary>The lanes of a disk: opened when a worker needs one, kept for the next. Any thread.</summary>
internal sealed class DiskLanes(DiskCopy disk, ISourceDisk source, ITargetDisk target) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<Lane> _idle = new();
    private readonly List<Lane> _lanes = [];
    private bool _shutdown;

    /// <summary>A lane for a worker that has raised <see cref="DiskCopy.Busy"/>; opened if none is idle.</summary>
    internal Lane Rent()
    {
        lock (_lock)
        {
            if (_idle.TryPop(out var idle)) return idle;
        }

        var from = disk.Open(CopySide.Source, source.OpenLane);
        ITargetLane to;
        try
        {
            to = disk.Open(CopySide.Target, target.OpenLane);
        }
        catch
        {
            from.Dispose();
            throw;
        }

        var lane = new Lane(disk, from, to);
        lock (_lock)
        {
            _lanes.Add(lane);
            if (_shutdown) lane.Shutdown();
        }

        return lane;
    }

    /// <summary>Keeps a lane for the next worker.</summary>
    internal void Return(Lane lane)
    {
        lock (_lock) _idle.Push(lane);
    }

    /// <summary>Connects a lane that lost its source once more.</summary>
    internal void Reconnect(Lane lane)
    {
        var another = disk.Open(CopySide.Source, source.OpenLane);
        lock (_lock)
        {
            lane.GoOnWith(another);
            if (_shutdown) lane.Shutdown();
        }
    }

    /// <summary>Wakes all that wait in a lane of this disk, from any thread.</summary>
    internal void Shutdown()
    {
        lock (_lock)
        {
            _shutdown = true;
            foreach (var lane in _lanes) lane.Shutdown();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var lane in _lanes) lane.Dispose();
            _lanes.Clear();
            _idle.Clear();
        }
    }
}
