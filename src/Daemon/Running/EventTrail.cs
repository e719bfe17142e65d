using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Running;

/// <summary>What the events of one conversion say so far: the step, how far it is, what failed first.</summary>
internal sealed class EventTrail
{
    private const string Supervisor = "supervisor";
    private const string Copy = "copy";
    private const string Bytes = "bytes";

    private readonly Lock _lock = new();
    private readonly Dictionary<int, (long Done, long Total)> _disks = [];
    private readonly Dictionary<int, long> _copied = [];
    private string _step = Supervisor;
    private string? _unit;

    /// <summary>The step that failed first.</summary>
    public string? FailedStep { get; private set; }

    /// <summary>The supervisor's own error event.</summary>
    public StepEvent? Failure { get; private set; }

    /// <summary>Bytes that <c>copy</c> has dealt with, all disks together.</summary>
    public long BytesCopied
    {
        get
        {
            lock (_lock)
            {
                return _copied.Values.Sum();
            }
        }
    }

    /// <summary>How far it is.</summary>
    public JobProgress Progress
    {
        get
        {
            lock (_lock)
            {
                return new JobProgress(_step, _disks.Values.Sum(disk => disk.Done), _disks.Values.Sum(disk => disk.Total), _unit);
            }
        }
    }

    /// <summary>Takes the next event.</summary>
    /// <param name="what">The event.</param>
    public void Add(StepEvent what)
    {
        lock (_lock)
        {
            switch (what.Type)
            {
                case EventType.Started when what.Step != Supervisor && what.Disk is null:
                    _step = what.Step;
                    _disks.Clear();
                    break;
                case EventType.Progress when what.Step == _step:
                    _disks[what.Disk ?? -1] = (what.Done ?? 0, what.Total ?? 0);
                    _unit = what.Unit;
                    if (what is { Step: Copy, Unit: Bytes })
                    {
                        _copied[what.Disk ?? -1] = what.Done ?? 0;
                    }

                    break;
                case EventType.Error when what.Step == Supervisor:
                    Failure = what;
                    break;
                case EventType.Error:
                    FailedStep ??= what.Step;
                    Failure ??= what;
                    break;
                default:
                    break;
            }
        }
    }
}
