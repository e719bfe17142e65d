using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Control;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Outcome;
using Hyper2Kvm.Daemon.Outcome.Notifications;
using Hyper2Kvm.Daemon.Queue;
using Hyper2Kvm.Daemon.Running;
using Hyper2Kvm.Daemon.Watching;
using Serilog;

namespace Hyper2Kvm.Daemon.Service;

/// <summary>The daemon without its ears and mouth: takes what arrives into the queue, lets jobs run, and does what it is told.</summary>
internal sealed class DaemonCore : IArrivals, IDaemonControl, IRunnerSurroundings, IAsyncDisposable
{
    private const int ForgetAfterDays = 90;

    private readonly string _configurationFile;
    private readonly DaemonReports _reports;
    private readonly DaemonLog _lines;
    private readonly ILogger _log;
    private readonly TimeProvider _clock;
    private readonly JobStore _store;
    private readonly TakenEntries _taken = new();
    private readonly JobRunner _runner;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConversionSchedule? _schedule;
    private DateTimeOffset _lastActivity;

    /// <summary>Opens the queue; nothing runs before <see cref="Start"/>.</summary>
    /// <param name="configurationFile">The file, for <see cref="Reload"/>.</param>
    /// <param name="configuration">What it says.</param>
    /// <param name="store">The jobs.</param>
    /// <param name="lines">The log's last lines.</param>
    /// <param name="log">The log.</param>
    /// <param name="clock">Tells the time.</param>
    public DaemonCore(string configurationFile, DaemonConfiguration configuration, JobStore store, DaemonLog lines, ILogger log, TimeProvider clock)
    {
        (_configurationFile, Configuration, _store, _lines, _log, _clock) = (configurationFile, configuration, store, lines, log, clock);
        _runner = new JobRunner(store, this, log, clock);
        _lastActivity = clock.GetUtcNow();
        _reports = new DaemonReports(() => Configuration, () => (Running(), store.Waiting()), Activity, clock, log);
    }

    /// <summary>A configuration was read again.</summary>
    public event Action<DaemonConfiguration>? Reloaded;

    /// <inheritdoc/>
    public DaemonConfiguration Configuration { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<IOutcomeListener> Listeners => _reports.Listeners;

    /// <inheritdoc/>
    public bool IsPaused { get; private set; }

    /// <inheritdoc/>
    public bool IsDraining { get; private set; }

    /// <summary>Ends when the daemon is to end: stopped, or drained.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Puts in order what the daemon before left, and lets jobs run.</summary>
    public async Task Start()
    {
        foreach (var job in _store.Open())
        {
            _taken.Take(job.Source);
        }

        foreach (var job in _store.StayingInWatchFolder(Configuration.WatchDir))
        {
            _taken.Release(job.Source, job.Source);
        }

        _schedule = await ConversionSchedule.Open(Path.Combine(Configuration.StateDirectory, JobStore.FileName), Try, Configuration.MaxConcurrentJobs).ConfigureAwait(false);
        new Recovery(_store, _runner, Configuration, _log, _clock).Run();
        _store.Forget(_clock.GetUtcNow().AddDays(-ForgetAfterDays));
        foreach (var job in _store.Open())
        {
            if (!await _schedule.Has(job.Id).ConfigureAwait(false))
            {
                await _schedule.Add(job.Id, job.NextAttempt ?? _clock.GetUtcNow()).ConfigureAwait(false);
            }
        }

        await _schedule.Resume().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public bool IsTaken(string entry) => _taken.Has(entry);

    /// <inheritdoc/>
    public void Complete(SourceGroup source)
    {
        if (IsDraining || _stop.IsCancellationRequested)
        {
            // The next start finds it where it is.
            return;
        }

        var job = new DaemonJob { Id = $"job-{Guid.NewGuid().ToString("N")[..12]}", Source = source, State = JobState.Queued, Created = _clock.GetUtcNow() };
        _taken.Take(source);
        _store.Add(job);
        _log.Information("{Name}: complete, queued ({Job})", source.Name, job.Id);
        Schedule(job.Id, job.Created);
    }

    /// <inheritdoc/>
    public void Waiting(string entry, string reason) => _log.Warning("{Entry}: {Reason}", Path.GetFileName(entry), reason);

    /// <inheritdoc/>
    public DaemonStatistics Statistics() => _reports.Statistics();

    /// <summary>The jobs that run.</summary>
    public IReadOnlyList<JobView> Running()
    {
        var progress = _runner.Progress;
        return [.. progress.Keys.Select(_store.Find).OfType<DaemonJob>().OrderBy(job => job.Started).Select(job => new JobView(job, progress[job.Id]))];
    }

    /// <summary>How many jobs wait.</summary>
    public int Waiting() => _store.Waiting();

    /// <inheritdoc/>
    public IReadOnlyList<JobView> Jobs(JobState? state, int limit)
    {
        var progress = _runner.Progress;
        return [.. _store.List(state, limit).Select(job => new JobView(job, progress.GetValueOrDefault(job.Id)))];
    }

    /// <inheritdoc/>
    public JobView? Job(string idOrName)
        => (_store.Find(idOrName) ?? _store.FindByName(idOrName)) is { } job ? new JobView(job, _runner.Progress.GetValueOrDefault(job.Id)) : null;

    /// <inheritdoc/>
    public void Pause()
    {
        IsPaused = true;
        _log.Information("paused: running jobs end, no new one begins");
        Await(_schedule!.Pause());
    }

    /// <inheritdoc/>
    public void Resume()
    {
        (IsPaused, IsDraining) = (false, false);
        _log.Information("resumed");
        Await(_schedule!.Resume());
    }

    /// <inheritdoc/>
    public void Drain()
    {
        IsDraining = true;
        _log.Information("draining: the queue is finished, nothing new is taken");
        EndIfDrained();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _log.Information("stopping: what runs is given up and taken up again at the next start");
        _ = _stop.CancelAsync();
        _ended.TrySetResult();
    }

    /// <inheritdoc/>
    public void Retry(string id)
    {
        var job = Known(id);
        if (!_store.Requeue(job.Id))
        {
            throw new StepException(ErrorCodes.Usage, $"{job.Source.Name} ({job.Id}) is {JobStore.Word(job.State)}", "Only a job that failed, was cancelled or passed over, or waits for its retry can be tried again.");
        }

        _log.Information("{Name}: into the queue again", job.Source.Name);
        Schedule(job.Id, _clock.GetUtcNow());
    }

    /// <inheritdoc/>
    public void Cancel(string id)
    {
        var job = Known(id);
        if (_runner.Cancel(job.Id))
        {
            return;
        }

        if (!_store.Move(job.Id, JobState.Cancelled, JobState.Queued, JobState.Retrying))
        {
            throw new StepException(ErrorCodes.Usage, $"{job.Source.Name} ({job.Id}) is {JobStore.Word(job.State)}", "Only a job that waits or runs can be cancelled.");
        }

        Await(_schedule!.Remove(job.Id));
        _log.Information("{Name}: cancelled", job.Source.Name);
        _runner.PutAway(job with { State = JobState.Cancelled });
        EndIfDrained();
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Reload()
    {
        var read = ConfigurationReader.Read(_configurationFile);
        var (applied, restart) = ConfigurationChange.Between(Configuration, read);
        Configuration = ConfigurationChange.Apply(Configuration, read);
        Await(_schedule!.Limit(read.MaxConcurrentJobs));
        Reloaded?.Invoke(Configuration);
        IReadOnlyList<string> said = [.. applied.Select(key => $"{key}: changed"), .. restart.Select(key => $"{key}: changes at the next start")];
        _log.Information("configuration read again: {Changes}", said.Count == 0 ? "nothing changed" : string.Join("; ", said));
        return said;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Logs(string? id, int lines) => id is null ? _lines.Last(lines) : JobLogs.Last(Configuration, Known(id), lines);

    /// <inheritdoc/>
    public IReadOnlyList<string> NotifyTest() => _reports.NotifyTest();

    /// <inheritdoc/>
    public string? ConvertedBefore(SourceGroup source, CancellationToken stop) => _reports.ConvertedBefore(source, stop);

    /// <inheritdoc/>
    public Verdict Decide(JobOutcome outcome) => _reports.Decide(outcome);

    /// <inheritdoc/>
    public void Schedule(string id, DateTimeOffset at) => Await(_schedule!.Add(id, at));

    /// <inheritdoc/>
    public void Taken(SourceGroup source) => _taken.Take(source);

    /// <inheritdoc/>
    public void Released(SourceGroup from, SourceGroup to) => _taken.Release(from, to);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_schedule is not null)
        {
            await _schedule.DisposeAsync().ConfigureAwait(false);
        }

        await _reports.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>A running job is activity, however long it takes; what waits for the time of its retry waits for nothing else.</summary>
    private QueueActivity Activity()
        => new(IsPaused ? 0 : _store.List(JobState.Queued, int.MaxValue).Count, _runner.Progress.Count > 0 ? _clock.GetUtcNow() : _lastActivity);

    private static void Await(Task task) => task.GetAwaiter().GetResult();

    private void Try(string id, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, cancel);
        _lastActivity = _clock.GetUtcNow();
        _runner.Try(id, either.Token);
        _lastActivity = _clock.GetUtcNow();
        EndIfDrained();
    }

    private void EndIfDrained()
    {
        if (IsDraining && _runner.Progress.Count == 0 && _store.List(JobState.Queued, 1).Count == 0)
        {
            _log.Information("drained");
            _ended.TrySetResult();
        }
    }

    private DaemonJob Known(string id)
        => _store.Find(id) ?? _store.FindByName(id) ?? throw new StepException(ErrorCodes.Usage, $"there is no job '{id}'", "hyper2kvm ctl jobs lists them.");
}
