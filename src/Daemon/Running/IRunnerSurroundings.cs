using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Running;

/// <summary>What a <see cref="JobRunner"/> needs of the daemon around it.</summary>
internal interface IRunnerSurroundings
{
    /// <summary>The configuration that holds now.</summary>
    DaemonConfiguration Configuration { get; }

    /// <summary>Who is told how a try ended, in this order.</summary>
    IReadOnlyList<IOutcomeListener> Listeners { get; }

    /// <summary>Whether a guest was converted before: the sentence that says when, or <see langword="null"/>. May read all of it.</summary>
    /// <param name="source">The guest.</param>
    /// <param name="stop">Gives up.</param>
    string? ConvertedBefore(SourceGroup source, CancellationToken stop);

    /// <summary>What becomes of a job after a failure.</summary>
    /// <param name="outcome">The failed try.</param>
    Verdict Decide(JobOutcome outcome);

    /// <summary>A job is to be tried at a time.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="at">When, UTC.</param>
    void Schedule(string id, DateTimeOffset at);

    /// <summary>Entries of the watch folder belong to a job.</summary>
    /// <param name="source">The job's files.</param>
    void Taken(SourceGroup source);

    /// <summary>A job lets go of entries of the watch folder.</summary>
    /// <param name="from">Its files as they were.</param>
    /// <param name="to">Its files as they are.</param>
    void Released(SourceGroup from, SourceGroup to);
}
