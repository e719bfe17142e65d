namespace Hyper2Kvm.Daemon.Jobs;

/// <summary>How far a running job is, from its events.</summary>
/// <param name="Step">The step that runs (<c>copy</c>).</param>
/// <param name="Done">How much of it is done, in <paramref name="Unit"/>; all disks together.</param>
/// <param name="Total">How much there is; 0 where nobody knows.</param>
/// <param name="Unit"><c>bytes</c> or <c>parts</c>.</param>
internal sealed record JobProgress(string Step, long Done, long Total, string? Unit);
