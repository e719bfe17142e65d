using Hyper2Kvm.Daemon.Outcome;

namespace Hyper2Kvm.Daemon.Control.Answers;

/// <summary>Counters and times.</summary>
internal sealed record StatsAnswer : Answer
{
    /// <summary>What <c>stats.json</c> has, as of now.</summary>
    public required DaemonStatistics Stats { get; init; }
}
