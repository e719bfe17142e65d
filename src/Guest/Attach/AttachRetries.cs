namespace Hyper2Kvm.Guest.Attach;

/// <summary>How often a disk's server is tried, and how long to wait between: each wait twice the one before, a random part of it left out.</summary>
public sealed record AttachRetries
{
    /// <summary>Tries in all, the first one included; 1: never again.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Wait after the first try, before jitter.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Longest wait, before jitter.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most of a wait that is left out at random, 0 to 1: guests that were refused together do not come back together.</summary>
    public double Jitter { get; init; } = 0.5;

    /// <summary>The wait after a try.</summary>
    /// <param name="attempt">The try that failed, from 1.</param>
    /// <param name="random">A random number from 0 to 1.</param>
    public TimeSpan DelayAfter(int attempt, double random)
    {
        var doubled = FirstDelay * Math.Pow(2, Math.Clamp(attempt - 1, 0, 30));
        return (doubled < LongestDelay ? doubled : LongestDelay) * (1 - (Math.Clamp(Jitter, 0, 1) * random));
    }
}
