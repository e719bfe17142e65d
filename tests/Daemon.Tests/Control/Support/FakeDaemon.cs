using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Control;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Outcome;

namespace Hyper2Kvm.Daemon.Tests.Control.Support;

/// <summary>A daemon that does nothing but remember what it was asked; its answers never change on their own.</summary>
internal sealed class FakeDaemon : IDaemonControl
{
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    private readonly List<string> _asked = [];
    private int _statisticsAsked;

    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_asked)
            {
                return [.. _asked];
            }
        }
    }

    public int StatisticsAsked => Volatile.Read(ref _statisticsAsked);

    public bool IsPaused { get; set; }

    public bool IsDraining { get; set; }

    public List<JobView> All { get; } =
    [
        View("job-0000000000c3", "web03", JobState.Queued) with { Job = Job("job-0000000000c3", "web03", JobState.Queued) with { Created = Start.AddMinutes(50) } },
        View("job-0000000000c2", "web02", JobState.Running, new JobProgress("copy", 3_221_225_472, 8_589_934_592, "bytes")),
        View("job-0000000000c1", "db01", JobState.Failed),
        View("job-0000000000c0", "web01", JobState.Succeeded),
    ];

    public DaemonStatistics Figures { get; set; } = new()
    {
        DaemonStartTime = Start,
        UptimeSeconds = 9000,
        UptimeHours = 2.5,
        TotalProcessed = 30,
        TotalFailed = 1,
        TotalRetried = 2,
        SuccessRatePercent = 96.8,
        AverageProcessingTimeSeconds = 61.5,
        ProcessingTimeP50Seconds = 48.2,
        ProcessingTimeP95Seconds = 140.9,
        ProcessingTimeP99Seconds = 201,
        CurrentQueueDepth = 1,
        CurrentJobs = [new RunningJob { Id = "job-0000000000c2", Filename = "web02.vmdk", FileType = "vmdk", FileSizeMb = 8192, StartTime = Start.AddMinutes(140), Step = "copy", ProgressPercent = 37.5 }],
        BytesIn = 322_122_547_200,
        BytesOut = 107_374_182_400,
        ByFileType = new Dictionary<string, FileTypeStatistics> { ["vmdk"] = new() { Processed = 30, Failed = 1, SuccessRatePercent = 96.8, AverageTimeSeconds = 61.5 } },
        RecentCompleted = [new CompletedJob { Id = "job-0000000000c0", Filename = "web01.vmdk", FileType = "vmdk", EndTime = Start.AddMinutes(139), DurationSeconds = 48.2, Status = "success" }],
        LastUpdated = Start.AddMinutes(150),
    };

    /// <summary>Runs inside of <see cref="NotifyTest"/>.</summary>
    public Action DuringNotifyTest { get; set; } = () => { };

    /// <summary>Given by <see cref="Logs"/> in the place of three lines.</summary>
    public IReadOnlyList<string>? Log { get; set; }

    /// <summary>Thrown by <see cref="Reload"/>.</summary>
    public Exception? ReloadFailure { get; set; }

    public static DaemonJob Job(string id, string name, JobState state) => new()
    {
        Id = id,
        Source = new SourceGroup { Name = name, FileType = "vmdk", InputType = "vmdk", Sources = [$"/watch/{name}.vmdk"], Entries = [$"/watch/{name}.vmdk"], SizeBytes = 8_589_934_592 },
        State = state,
        Created = Start.AddMinutes(10),
        Started = state is JobState.Queued ? null : Start.AddMinutes(138),
        Ended = state is JobState.Queued or JobState.Running ? null : Start.AddMinutes(139),
        OutputPath = state is JobState.Succeeded ? $"/output/2026-11-20/{name}" : null,
        ErrorCode = state is JobState.Failed ? "input.corrupt" : null,
        Error = state is JobState.Failed ? $"/watch/{name}.vmdk: the grain directory lies behind the end of the file" : null,
    };

    public static JobView View(string id, string name, JobState state, JobProgress? progress = null) => new(Job(id, name, state), progress);

    public DaemonStatistics Statistics()
    {
        Interlocked.Increment(ref _statisticsAsked);
        return Figures;
    }

    public IReadOnlyList<JobView> Jobs(JobState? state, int limit) => [.. All.Where(view => state is null || view.Job.State == state).Take(limit)];

    public JobView? Job(string idOrName) => All.Find(view => view.Job.Id == idOrName || view.Job.Source.Name == idOrName);

    public void Pause() => Note("pause", () => IsPaused = true);

    public void Resume() => Note("resume", () => (IsPaused, IsDraining) = (false, false));

    public void Drain() => Note("drain", () => IsDraining = true);

    public void Stop() => Note("stop");

    public void Retry(string id) => Note($"retry {id}", () => Require(id, JobState.Failed));

    public void Cancel(string id) => Note($"cancel {id}", () => Require(id, JobState.Queued));

    public IReadOnlyList<string> Reload()
    {
        Note("reload");
        return ReloadFailure is null ? ["max_concurrent_jobs: 3 -> 4", "output_dir: needs a restart"] : throw ReloadFailure;
    }

    public IReadOnlyList<string> Logs(string? id, int lines) => [.. (Log ?? [.. Enumerable.Range(1, 3).Select(line => $"{id ?? "daemon"}: line {line}")]).TakeLast(lines)];

    public IReadOnlyList<string> NotifyTest()
    {
        Note("notify-test");
        DuringNotifyTest();
        return ["slack: sent", "email: failed: connection refused"];
    }

    private void Require(string id, JobState state)
    {
        var job = Job(id)!.Job;
        if (job.State != state)
        {
            throw new StepException(ErrorCodes.Usage, $"{id} is {job.State.ToString().ToLowerInvariant()}");
        }
    }

    private void Note(string what, Action? then = null)
    {
        lock (_asked)
        {
            _asked.Add(what);
        }

        then?.Invoke();
    }
}
