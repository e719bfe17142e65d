namespace Hyper2Kvm.Guest.Caching;

/// <summary>How long what was read from a guest's disks is kept; zero: not at all. A write that could change it drops it sooner.</summary>
public sealed record CacheTimes
{
    /// <summary>Partition lists.</summary>
    public TimeSpan Partitions { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What volumes hold.</summary>
    public TimeSpan Probes { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Names in directories.</summary>
    public TimeSpan Directories { get; init; } = TimeSpan.FromSeconds(60);
}
