using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Daemon.Control.Answers;

namespace Hyper2Kvm.Daemon.Control.Commands;

/// <summary>All commands. The control socket, HTTP, the OpenAPI document and the page of the API are made from this table, or held to it.</summary>
internal static class ControlCommands
{
    private const string Get = "GET";
    private const string Post = "POST";

    /// <summary>The table.</summary>
    public static IReadOnlyList<ControlCommand> All { get; } =
    [
        new("ping", Get, "/v1/ping", "Says that the daemon answers.", [], typeof(MessageAnswer), (_, _, _) => Said("pong")),
        new("status", Get, "/v1/status", "Says what the daemon does.", [], typeof(StatusAnswer), (daemon, _, _) => Status(daemon)),
        new("health", Get, "/health", "Says whether the daemon does what it is there for.", [], typeof(HealthAnswer), (daemon, _, clock) => DaemonHealth.Of(daemon, clock)),
        new("stats", Get, "/v1/stats", "Gives counters and times, as stats.json has them.", [], typeof(StatsAnswer), (daemon, _, _) => new StatsAnswer { Stats = daemon.Statistics() }),
        new("pause", Post, "/v1/pause", "Begins no new job; those that run go on.", [], typeof(MessageAnswer), (daemon, _, _) => Done(daemon.Pause, "Daemon paused")),
        new("resume", Post, "/v1/resume", "Takes pause and drain back.", [], typeof(MessageAnswer), (daemon, _, _) => Done(daemon.Resume, "Daemon resumed")),
        new("drain", Post, "/v1/drain", "Takes no new file, finishes the queue, and ends with 0.", [], typeof(MessageAnswer), (daemon, _, _) => Done(daemon.Drain, "Draining queue")),
        new("stop", Post, "/v1/stop", "Ends at once; every job is taken up again at the next start.", [], typeof(MessageAnswer), (daemon, _, _) => Done(daemon.Stop, "Stopping daemon")),
        new("reload", Post, "/v1/reload", "Reads the configuration again; a wrong one changes nothing.", [], typeof(ReloadAnswer), (daemon, _, _) => new ReloadAnswer { Changes = daemon.Reload(), Message = "Configuration reloaded" }),
        new("jobs", Get, "/v1/jobs", "Lists jobs, newest first.", ["state", "limit"], typeof(JobsAnswer), JobCommands.List),
        new("job", Get, "/v1/jobs/{id}", "Gives one job.", ["id!"], typeof(JobAnswer), JobCommands.One),
        new("progress", Get, "/v1/jobs/{id}/progress", "Says how far one job is.", ["id!"], typeof(ProgressAnswer), JobCommands.Progress),
        new("retry", Post, "/v1/jobs/{id}/retry", "Puts a job that failed, was cancelled or waits for its retry into the queue now.", ["id!"], typeof(MessageAnswer), JobCommands.Retry),
        new("cancel", Post, "/v1/jobs/{id}/cancel", "Gives up a job that waits or runs; its files go to .errors.", ["id!"], typeof(MessageAnswer), JobCommands.Cancel),
        new("logs", Get, "/v1/logs", "Gives the last lines of a job's log, or of the daemon's own.", ["id", "lines"], typeof(LogsAnswer), JobCommands.Logs),
        new("notify-test", Post, "/v1/notify-test", "Sends a test note on every way that is configured.", [], typeof(NotifyTestAnswer), (daemon, _, _) => new NotifyTestAnswer { Results = daemon.NotifyTest() }) { IsSlow = true },
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(command => command.Name)];

    /// <summary>A command by its name.</summary>
    /// <param name="name">Its name.</param>
    public static ControlCommand? Find(string name) => All.FirstOrDefault(command => command.Name == name);

    /// <summary>A message as an answer.</summary>
    /// <param name="message">What was done.</param>
    public static MessageAnswer Said(string message) => new() { Message = message };

    private static MessageAnswer Done(Action what, string message)
    {
        what();
        return Said(message);
    }

    private static StatusAnswer Status(IDaemonControl daemon)
    {
        var statistics = daemon.Statistics();
        return new StatusAnswer
        {
            Paused = daemon.IsPaused,
            Draining = daemon.IsDraining,
            QueueDepth = statistics.CurrentQueueDepth,
            Running = statistics.CurrentJobs.Count,
            UptimeSeconds = statistics.UptimeSeconds,
            Version = ProductVersion.Text,
            Pid = Environment.ProcessId,
        };
    }
}
