using Hyper2Kvm.Daemon.Control.Answers;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Control.Commands;

/// <summary>Whether the daemon does what it is there for.</summary>
internal static class DaemonHealth
{
    /// <summary>Idle for that long with jobs that wait for a place is stalled.</summary>
    private static readonly TimeSpan Stalled = TimeSpan.FromMinutes(60);

    /// <summary>Judges it.</summary>
    /// <param name="daemon">The daemon.</param>
    /// <param name="clock">The time.</param>
    public static HealthAnswer Of(IDaemonControl daemon, TimeProvider clock)
    {
        var statistics = daemon.Statistics();
        var activity = statistics.RecentCompleted.Select(job => job.EndTime).Append(statistics.DaemonStartTime).Max();
        var idle = daemon.IsPaused || statistics.CurrentJobs.Count > 0 ? TimeSpan.Zero : Idle(daemon, activity, clock.GetUtcNow());
        return new HealthAnswer
        {
            Health = idle < Stalled ? "ok" : "stalled",
            Paused = daemon.IsPaused,
            Draining = daemon.IsDraining,
            QueueDepth = statistics.CurrentQueueDepth,
            Running = statistics.CurrentJobs.Count,
            IdleMinutes = Math.Round(idle.TotalMinutes, 1),
            LastActivity = activity,
        };
    }

    /// <summary>A job that has only just come does not make the quiet before it a stall.</summary>
    private static TimeSpan Idle(IDaemonControl daemon, DateTimeOffset activity, DateTimeOffset now)
    {
        var waiting = daemon.Jobs(JobState.Queued, JobCommands.MostJobs);
        if (waiting.Count == 0)
        {
            return TimeSpan.Zero;
        }

        var oldest = waiting.Min(view => view.Job.Created);
        var since = oldest > activity ? oldest : activity;
        return now > since ? now - since : TimeSpan.Zero;
    }
}
