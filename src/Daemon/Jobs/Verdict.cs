namespace Hyper2Kvm.Daemon.Jobs;

/// <summary>What becomes of a job after a try.</summary>
/// <param name="State"><see cref="JobState.Succeeded"/>, <see cref="JobState.Failed"/>, <see cref="JobState.Retrying"/>, or <see cref="JobState.Queued"/> where the daemon itself stopped it.</param>
/// <param name="NextAttempt">When it is tried again, UTC; for <see cref="JobState.Retrying"/>.</param>
internal sealed record Verdict(JobState State, DateTimeOffset? NextAttempt = null);
