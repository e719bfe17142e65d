using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Daemon.Configuration;

/// <summary>Everything that <c>daemon.yaml</c> can say. Keys are the names here in snake_case; <c>docs/examples/daemon.yaml</c> shows each.</summary>
internal sealed record DaemonConfiguration
{
    /// <summary>Folder that is watched.</summary>
    public required string WatchDir { get; init; }

    /// <summary>Folder that guests are put in, as <c>DATE/NAME</c>; holds <c>.daemon</c> with the daemon's own files.</summary>
    public required string OutputDir { get; init; }

    /// <summary>Where jobs have their work directories; <c>OUTPUT/.daemon/work</c> where it is missing.</summary>
    public string? Workdir { get; init; }

    /// <summary>Most conversions at once.</summary>
    public int MaxConcurrentJobs { get; init; } = 3;

    /// <summary>Most disks that are copied at once, of all conversions together; 0: no limit.</summary>
    public int MaxConcurrentCopies { get; init; }

    /// <summary>Time without growth after which an unfinished file is looked at more slowly, and told.</summary>
    public TimeSpan FileStableTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the watch folder is polled: <c>auto</c> where inotify sees nothing (NFS, SMB), <c>always</c>, <c>never</c>.</summary>
    public string Poll { get; init; } = "auto";

    /// <summary>Time between two looks at a polled folder.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether what was converted before is passed over.</summary>
    public bool EnableDeduplication { get; init; } = true;

    /// <summary>Whether "before" is told by a hash of the content (MD5 and SHA-256 are stored) instead of by name, size and identity.</summary>
    public bool DeduplicationUseMd5 { get; init; }

    /// <summary>Whether converted files go to <c>.processed/DATE</c>; otherwise they stay where they are.</summary>
    public bool ArchiveProcessed { get; init; } = true;

    /// <summary>What is tried again, and when.</summary>
    public RetryPolicy RetryPolicy { get; init; } = new();

    /// <summary>Who is told what.</summary>
    public NotificationSettings Notifications { get; init; } = new();

    /// <summary>How the daemon is talked to.</summary>
    public ControlSettings Control { get; init; } = new();

    /// <summary>What one job may use.</summary>
    public JobLimits JobLimits { get; init; } = new();

    /// <summary>What every job is to do: the sections <c>convert</c>, <c>output</c>, <c>copy</c> and <c>input.options</c> of job.json, with its names.</summary>
    public Job? Job { get; init; }

    /// <summary>The daemon's own folder.</summary>
    public string StateDirectory => Path.Combine(OutputDir, ".daemon");

    /// <summary>Where jobs have their work directories.</summary>
    public string WorkDirectory => Workdir ?? Path.Combine(StateDirectory, "work");
}
