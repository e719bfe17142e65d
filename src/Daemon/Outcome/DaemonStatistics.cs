using System.Text.Json.Serialization;

namespace Hyper2Kvm.Daemon.Outcome;

/// <summary><c>OUTPUT/.daemon/stats.json</c>. Counters go on over restarts; uptime and times of this process start anew.</summary>
internal sealed record DaemonStatistics
{
    /// <summary>When this process began, UTC.</summary>
    public DateTimeOffset DaemonStartTime { get; init; }

    /// <summary>Seconds since then.</summary>
    public double UptimeSeconds { get; init; }

    /// <summary>Hours since then.</summary>
    public double UptimeHours { get; init; }

    /// <summary>Guests that are ready.</summary>
    public long TotalProcessed { get; init; }

    /// <summary>Guests that failed for good.</summary>
    public long TotalFailed { get; init; }

    /// <summary>Tries after a failure.</summary>
    public long TotalRetried { get; init; }

    /// <summary>Ready of ready and failed, percent; 100 where there is none yet.</summary>
    public double SuccessRatePercent { get; init; }

    /// <summary>Mean time of the successful tries, seconds.</summary>
    public double AverageProcessingTimeSeconds { get; init; }

    /// <summary>Half of the last 1,000 successful tries took at most this, seconds.</summary>
    [JsonPropertyName("processing_time_p50_seconds")]
    public double ProcessingTimeP50Seconds { get; init; }

    /// <summary>19 of 20, seconds.</summary>
    [JsonPropertyName("processing_time_p95_seconds")]
    public double ProcessingTimeP95Seconds { get; init; }

    /// <summary>99 of 100, seconds.</summary>
    [JsonPropertyName("processing_time_p99_seconds")]
    public double ProcessingTimeP99Seconds { get; init; }

    /// <summary>Jobs that wait, for a place or for their retry.</summary>
    public int CurrentQueueDepth { get; init; }

    /// <summary>Jobs that run.</summary>
    public IReadOnlyList<RunningJob> CurrentJobs { get; init; } = [];

    /// <summary>Bytes of the sources of guests that are ready.</summary>
    public long BytesIn { get; init; }

    /// <summary>Bytes that were written to targets.</summary>
    public long BytesOut { get; init; }

    /// <summary>The same by type of file.</summary>
    public IReadOnlyDictionary<string, FileTypeStatistics> ByFileType { get; init; } = new Dictionary<string, FileTypeStatistics>();

    /// <summary>The last ten that ended, newest first.</summary>
    public IReadOnlyList<CompletedJob> RecentCompleted { get; init; } = [];

    /// <summary>When this was written, UTC.</summary>
    public DateTimeOffset LastUpdated { get; init; }
}

/// <summary>A job that runs.</summary>
internal sealed record RunningJob
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Name of its first file.</summary>
    public required string Filename { get; init; }

    /// <summary>Type of its first file.</summary>
    public required string FileType { get; init; }

    /// <summary>Size of its files, MiB.</summary>
    public double FileSizeMb { get; init; }

    /// <summary>When the try began, UTC.</summary>
    public DateTimeOffset StartTime { get; init; }

    /// <summary>The step that runs.</summary>
    public string? Step { get; init; }

    /// <summary>How far that step is, percent.</summary>
    public double? ProgressPercent { get; init; }

    /// <summary>Which retry it is; 0 for the first try.</summary>
    public int RetryCount { get; init; }
}

/// <summary>A job that ended.</summary>
internal sealed record CompletedJob
{
    /// <summary><see cref="Status"/> of a guest that is ready.</summary>
    public const string Success = "success";

    /// <summary><see cref="Status"/> of a guest that failed for good.</summary>
    public const string Failed = "failed";

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Name of its first file.</summary>
    public required string Filename { get; init; }

    /// <summary>Type of its first file.</summary>
    public required string FileType { get; init; }

    /// <summary>When the last try ended, UTC.</summary>
    public DateTimeOffset EndTime { get; init; }

    /// <summary>Seconds of the last try.</summary>
    public double DurationSeconds { get; init; }

    /// <summary><see cref="Success"/> or <see cref="Failed"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>How often it was tried again.</summary>
    public int RetryCount { get; init; }
}

/// <summary>Counters of one type of file.</summary>
internal sealed record FileTypeStatistics
{
    /// <summary>Guests that are ready.</summary>
    public long Processed { get; init; }

    /// <summary>Guests that failed for good.</summary>
    public long Failed { get; init; }

    /// <summary>Ready of ready and failed, percent.</summary>
    public double SuccessRatePercent { get; init; }

    /// <summary>Mean time of the successful tries, seconds.</summary>
    public double AverageTimeSeconds { get; init; }
}
