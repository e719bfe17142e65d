using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Outcome;

namespace Hyper2Kvm.Daemon.Control;

/// <summary>All that the outside can ask of the daemon: the control socket and HTTP are two forms of it.</summary>
internal interface IDaemonControl
{
    /// <summary>Whether no new job is begun.</summary>
    bool IsPaused { get; }

    /// <summary>Whether the daemon ends when its queue is empty.</summary>
    bool IsDraining { get; }

    /// <summary>Counters and times since the first start.</summary>
    DaemonStatistics Statistics();

    /// <summary>Jobs, newest first; progress for those that run.</summary>
    /// <param name="state">Only those in this state.</param>
    /// <param name="limit">Most that are given.</param>
    IReadOnlyList<JobView> Jobs(JobState? state, int limit);

    /// <summary>One job by its id, or by the name of its guest (the newest of that name); <see langword="null"/> where there is none.</summary>
    /// <param name="idOrName">Id or name.</param>
    JobView? Job(string idOrName);

    /// <summary>Running jobs end, no new one begins.</summary>
    void Pause();

    /// <summary>Takes <see cref="Pause"/> and <see cref="Drain"/> back.</summary>
    void Resume();

    /// <summary>Takes nothing new from the watch folder, finishes the queue, and ends.</summary>
    void Drain();

    /// <summary>Ends at once; every job is taken up again at the next start.</summary>
    void Stop();

    /// <summary>A job that failed, was cancelled or waits for its retry goes into the queue now.</summary>
    /// <param name="id">Its id.</param>
    /// <exception cref="Core.Errors.StepException">There is none of that id, or it is not in such a state (<see cref="Core.Errors.ErrorCodes.Usage"/>).</exception>
    void Retry(string id);

    /// <summary>A job that waits or runs is given up; its files go to <c>.errors</c>.</summary>
    /// <param name="id">Its id.</param>
    /// <exception cref="Core.Errors.StepException">There is none of that id, or it has ended (<see cref="Core.Errors.ErrorCodes.Usage"/>).</exception>
    void Cancel(string id);

    /// <summary>Reads the configuration again; a wrong one changes nothing.</summary>
    /// <returns>What changed, a line each; keys that need a restart say so.</returns>
    /// <exception cref="Core.Errors.StepException">It is wrong (<see cref="Core.Errors.ErrorCodes.Usage"/>).</exception>
    IReadOnlyList<string> Reload();

    /// <summary>Last lines of a job's log, or of the daemon's own.</summary>
    /// <param name="id">Its id; <see langword="null"/>: the daemon.</param>
    /// <param name="lines">How many at most.</param>
    IReadOnlyList<string> Logs(string? id, int lines);

    /// <summary>Sends a test note on every way that is configured.</summary>
    /// <returns>A line for each way: where, and whether it worked.</returns>
    IReadOnlyList<string> NotifyTest();
}
