#pragma warning disable CA1822, CS1591
using Hyper2Kvm.Daemon.Control;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Outcome;

/// <summary>All that is told of outcomes.</summary>
internal sealed class DaemonReports
{
    /// <summary>Who is told, in this order.</summary>
    public IReadOnlyList<IOutcomeListener> Listeners { get; } = [];

    public DaemonStatistics Statistics(IReadOnlyList<JobView> running, int waiting) => new() { CurrentQueueDepth = waiting };

    public IReadOnlyList<string> NotifyTest() => [];

    public string? ConvertedBefore(SourceGroup source, CancellationToken stop) => null;

    public Verdict Decide(JobOutcome outcome) => new(JobState.Failed);
}
