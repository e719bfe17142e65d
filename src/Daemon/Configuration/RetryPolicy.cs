namespace Hyper2Kvm.Daemon.Configuration;

/// <summary>When a failed job is tried again.</summary>
internal sealed record RetryPolicy
{
    /// <summary>Whether anything is.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How often, after the first try.</summary>
    public int MaxRetries { get; init; } = 3;

    /// <summary>Time before the first retry.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How many times longer each further one is waited for.</summary>
    public double BackoffMultiplier { get; init; } = 2.0;
}
