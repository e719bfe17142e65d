namespace Hyper2Kvm.Daemon.Outcome.Statistics;

/// <summary>What the statistics ask the queue for.</summary>
/// <param name="Depth">Jobs that wait, for a place or for their retry.</param>
/// <param name="Running">Jobs that run.</param>
internal sealed record QueueSnapshot(int Depth, IReadOnlyList<RunningJob> Running);
