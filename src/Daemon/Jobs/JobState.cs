namespace Hyper2Kvm.Daemon.Jobs;

/// <summary>Where a job of the daemon is. The names, in lower case, are what its documents say.</summary>
internal enum JobState
{
    /// <summary>Waits for a free place.</summary>
    Queued,

    /// <summary>Its conversion runs.</summary>
    Running,

    /// <summary>Failed in a way that can pass; its files rest in <c>.errors</c> until <see cref="DaemonJob.NextAttempt"/>.</summary>
    Retrying,

    /// <summary>The guest is whole on the target.</summary>
    Succeeded,

    /// <summary>Failed for good; its files are in <c>.errors</c>.</summary>
    Failed,

    /// <summary>Converted before, and passed over.</summary>
    Skipped,

    /// <summary>Taken out of the queue by a person.</summary>
    Cancelled,
}
