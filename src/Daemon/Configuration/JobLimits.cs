namespace Hyper2Kvm.Daemon.Configuration;

/// <summary>What one job may use; 0: no limit.</summary>
internal sealed record JobLimits
{
    /// <summary>Bytes of memory, of all its processes together (cgroup <c>memory.max</c>).</summary>
    public long MemoryMax { get; init; }

    /// <summary>Percent of one processor (cgroup <c>cpu.max</c>): 200 is two.</summary>
    public int CpuQuota { get; init; }

    /// <summary>Processes and threads (cgroup <c>pids.max</c>).</summary>
    public int TasksMax { get; init; }

    /// <summary>Longest time of one try.</summary>
    public TimeSpan Timeout { get; init; }
}
