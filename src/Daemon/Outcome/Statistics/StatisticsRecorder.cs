using Hyper2Kvm.Daemon.Jobs;
using Serilog;

namespace Hyper2Kvm.Daemon.Outcome.Statistics;

/// <summary>Counts what the daemon does, and keeps it in <c>stats.json</c>: every minute, at the end of each try, and when the daemon stops.</summary>
internal sealed class StatisticsRecorder : IOutcomeListener, IDisposable
{
    /// <summary>Time between two writings of the file.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly Durations _durations = new();
    private readonly TimeProvider _clock;
    private readonly Func<QueueSnapshot> _queue;
    private readonly StatisticsFile _file;
    private readonly DateTimeOffset _started;
    private readonly ITimer _timer;
    private DaemonStatistics _counters;
    private bool _disposed;

    /// <summary>Goes on with the counters of the file, where there is one.</summary>
    /// <param name="path">The file, <c>OUTPUT/.daemon/stats.json</c>.</param>
    /// <param name="queue">What waits and runs now; asked from any thread.</param>
    /// <param name="clock">The time.</param>
    /// <param name="log">Is told a damaged file, and one that cannot be written.</param>
    public StatisticsRecorder(string path, Func<QueueSnapshot> queue, TimeProvider clock, ILogger log)
    {
        _clock = clock;
        _queue = queue;
        _file = new StatisticsFile(path, log);
        _started = clock.GetUtcNow();
        _counters = _file.Load(_durations);
        _timer = clock.CreateTimer(_ => Save(), null, Interval, Interval);
    }

    /// <summary>The counters, with what runs and waits now.</summary>
    public DaemonStatistics Snapshot()
    {
        var queue = _queue();
        lock (_gate)
        {
            return Snapshot(queue);
        }
    }

    /// <inheritdoc/>
    public void Ended(JobOutcome outcome, Verdict verdict)
    {
        lock (_gate)
        {
            var before = _counters;
            _counters = Counting.Add(before, outcome, verdict);
            if (_counters.TotalProcessed > before.TotalProcessed)
            {
                _durations.Add(outcome.Duration.TotalSeconds);
            }
        }

        Save();
    }

    /// <summary>Writes the file for the last time.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Save();
        lock (_gate)
        {
            _disposed = true;
        }
    }

    private void Save()
    {
        var queue = _queue();
        lock (_gate)
        {
            if (!_disposed)
            {
                _file.Save(Snapshot(queue), _durations);
            }
        }
    }

    private DaemonStatistics Snapshot(QueueSnapshot queue)
    {
        var now = _clock.GetUtcNow();
        var uptime = now - _started;
        var times = _durations.Percentiles(0.5, 0.95, 0.99);
        return _counters with
        {
            DaemonStartTime = _started,
            UptimeSeconds = uptime.TotalSeconds,
            UptimeHours = uptime.TotalHours,
            SuccessRatePercent = Counting.SuccessRate(_counters.TotalProcessed, _counters.TotalFailed),
            ProcessingTimeP50Seconds = times[0],
            ProcessingTimeP95Seconds = times[1],
            ProcessingTimeP99Seconds = times[2],
            CurrentQueueDepth = queue.Depth,
            CurrentJobs = queue.Running,
            LastUpdated = now,
        };
    }
}
