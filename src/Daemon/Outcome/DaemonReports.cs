using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Control;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Outcome.Deduplication;
using Hyper2Kvm.Daemon.Outcome.Errors;
using Hyper2Kvm.Daemon.Outcome.Notifications;
using Hyper2Kvm.Daemon.Outcome.Retry;
using Hyper2Kvm.Daemon.Outcome.Statistics;
using Serilog;

namespace Hyper2Kvm.Daemon.Outcome;

/// <summary>All that follows from outcomes: what is tried again, who is told, what is kept of them.</summary>
internal sealed class DaemonReports : IAsyncDisposable
{
    private const double BytesOfMib = 1 << 20;
    private const double Percent = 100;

    private readonly Func<DaemonConfiguration> _configuration;
    private readonly TimeProvider _clock;
    private readonly StatisticsRecorder _statistics;
    private readonly DeduplicationStore _deduplication;
    private readonly Notifier _notifier;

    /// <summary>Opens what is kept.</summary>
    /// <param name="configuration">The configuration that is in force.</param>
    /// <param name="queue">What runs, and how many wait; asked from any thread.</param>
    /// <param name="activity">What a watch for stalls asks for.</param>
    /// <param name="clock">The time.</param>
    /// <param name="log">The log.</param>
    public DaemonReports(Func<DaemonConfiguration> configuration, Func<(IReadOnlyList<JobView> Running, int Waiting)> queue, Func<QueueActivity> activity, TimeProvider clock, ILogger log)
    {
        (_configuration, _clock) = (configuration, clock);
        var state = configuration().StateDirectory;
        _statistics = new StatisticsRecorder(Path.Combine(state, "stats.json"), () => Snapshot(queue()), clock, log);
        _deduplication = new DeduplicationStore(Path.Combine(state, "deduplication.db"), clock, log);
        NotificationSettings Settings() => configuration().Notifications;
        _notifier = new Notifier(Settings, activity, Notifier.Channels(Settings, clock), clock, log);
        Listeners = [new ErrorContexts(configuration), _deduplication, _statistics, _notifier];
    }

    /// <summary>Who is told, in this order.</summary>
    public IReadOnlyList<IOutcomeListener> Listeners { get; }

    /// <summary>Counters and times.</summary>
    public DaemonStatistics Statistics() => _statistics.Snapshot();

    /// <summary>Sends a test note on every way that is configured.</summary>
    public IReadOnlyList<string> NotifyTest() => _notifier.NotifyTest();

    /// <summary>Whether a guest was converted before: the sentence that says when.</summary>
    /// <param name="source">The guest.</param>
    /// <param name="stop">Gives up.</param>
    public string? ConvertedBefore(SourceGroup source, CancellationToken stop)
    {
        var configuration = _configuration();
        return configuration.EnableDeduplication && _deduplication.Find(source, configuration.DeduplicationUseMd5, stop) is { } earlier
            ? $"it was converted on {earlier.ProcessedAt:u} as {earlier.FileName} ({earlier.OutputPath}); hyper2kvm ctl retry converts it again"
            : null;
    }

    /// <summary>What becomes of a job after a failure.</summary>
    /// <param name="outcome">The failed try.</param>
    public Verdict Decide(JobOutcome outcome) => RetryDecision.Of(_configuration().RetryPolicy, outcome, _clock.GetUtcNow());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _statistics.Dispose();
        _deduplication.Dispose();
        await _notifier.DisposeAsync().ConfigureAwait(false);
    }

    private static QueueSnapshot Snapshot((IReadOnlyList<JobView> Running, int Waiting) queue)
        => new(queue.Waiting, [.. queue.Running.Select(Describe)]);

    private static RunningJob Describe(JobView view) => new()
    {
        Id = view.Job.Id,
        Filename = Path.GetFileName(view.Job.Source.Sources[0]),
        FileType = view.Job.Source.FileType,
        FileSizeMb = Math.Round(view.Job.Source.SizeBytes / BytesOfMib, 2),
        StartTime = view.Job.Started ?? view.Job.Created,
        Step = view.Progress?.Step,
        ProgressPercent = view.Progress is { Total: > 0 } progress ? Math.Round(Percent * progress.Done / progress.Total, 1) : null,
        RetryCount = view.Job.Retries,
    };

    /// <summary>Keeps <c>.errors/NAME.error.json</c> beside what rests there, and takes it away when a later try went well.</summary>
    private sealed class ErrorContexts(Func<DaemonConfiguration> configuration) : IOutcomeListener
    {
        private readonly ErrorContextWriter _writer = new(new HostFacts());

        public void Ended(JobOutcome outcome, Verdict verdict)
        {
            var entry = Path.Combine(configuration().WatchDir, ".errors", Path.GetFileName(outcome.Job.Source.Entries[0]));
            if (verdict.State is JobState.Failed or JobState.Retrying)
            {
                _writer.Write(outcome, entry);
            }
            else if (verdict.State == JobState.Succeeded && outcome.Job.Retries > 0)
            {
                File.Delete($"{entry}.error.json");
            }
        }
    }
}
