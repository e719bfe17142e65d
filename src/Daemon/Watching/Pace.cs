namespace Hyper2Kvm.Daemon.Watching;

/// <summary>How often what is not complete is looked at.</summary>
internal sealed record Pace
{
    /// <summary>Looks that have to agree.</summary>
    public int EqualLooks { get; init; } = 3;

    /// <summary>Time between two looks at what may be complete soon. All looks fall on multiples of it, so that a thousand files cost one wake-up.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between two looks at what has not grown for <c>file_stable_timeout</c>.</summary>
    public TimeSpan Slow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two looks at what has not grown for much longer.</summary>
    public TimeSpan Slowest { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>When that is, after <c>file_stable_timeout</c>.</summary>
    public TimeSpan SlowestAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The last time for looks that has come.</summary>
    /// <param name="now">The time.</param>
    public TimeSpan Last(TimeSpan now) => new(now.Ticks / Look.Ticks * Look.Ticks);

    /// <summary>The first time for looks after a wait, and after now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="wait">How long.</param>
    public TimeSpan After(TimeSpan now, TimeSpan wait = default) => Last(now + (wait > TimeSpan.Zero ? wait - TimeSpan.FromTicks(1) : wait)) + Look;
}
