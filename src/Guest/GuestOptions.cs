using Hyper2Kvm.Core.Keys;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Caching;

namespace Hyper2Kvm.Guest;

/// <summary>How a guest is opened.</summary>
public sealed record GuestOptions
{
    /// <summary>File systems that are looked at or mounted side by side where nothing else is said.</summary>
    public const int DefaultWorkers = 4;

    /// <summary>What mounts its file systems.</summary>
    public GuestBackend Backend { get; init; }

    /// <summary>Most file systems that are looked at or mounted at once.</summary>
    public int Workers { get; init; } = DefaultWorkers;

    /// <summary>Keys of its encrypted volumes.</summary>
    public IReadOnlyList<GuestKey> Keys { get; init; } = [];

    /// <summary>How often a disk's server is tried.</summary>
    public AttachRetries Retries { get; init; } = new();

    /// <summary>Called before each wait for another try, on the thread that opens the guest.</summary>
    public Action<AttachRetry>? OnRetry { get; init; }

    /// <summary>How long what was read is kept.</summary>
    public CacheTimes Cache { get; init; } = new();

    /// <summary>The clock of waits and caches.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
