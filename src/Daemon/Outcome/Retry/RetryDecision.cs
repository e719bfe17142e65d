using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Outcome.Retry;

/// <summary>What becomes of a job after a try: done, tried again at a time, or failed for good.</summary>
internal static class RetryDecision
{
    /// <summary>Longest time until a retry, whatever the policy multiplies to.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromDays(30);

    /// <summary>Decides.</summary>
    /// <param name="policy">When a failed job is tried again.</param>
    /// <param name="outcome">How the try ended.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns><see cref="JobState.Queued"/> for a try that the daemon itself interrupted: it counts as none.</returns>
    public static Verdict Of(RetryPolicy policy, JobOutcome outcome, DateTimeOffset now)
    {
        if (outcome.Succeeded)
        {
            return new Verdict(JobState.Succeeded);
        }

        var code = OutcomeCode.Of(outcome);
        if (code == ErrorCodes.Interrupted)
        {
            return new Verdict(JobState.Queued);
        }

        return policy.Enabled && code.CanPass && outcome.Job.Retries < policy.MaxRetries
            ? new Verdict(JobState.Retrying, now + Delay(policy, outcome.Job.Retries))
            : new Verdict(JobState.Failed);
    }

    /// <summary>Time until the next try: with the default policy 5, 10, 20 minutes.</summary>
    /// <param name="policy">When a failed job is tried again.</param>
    /// <param name="retries">How often it was tried again so far.</param>
    public static TimeSpan Delay(RetryPolicy policy, int retries)
    {
        var seconds = policy.RetryDelay.TotalSeconds * Math.Pow(policy.BackoffMultiplier, retries);
        return seconds < LongestDelay.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestDelay;
    }
}
