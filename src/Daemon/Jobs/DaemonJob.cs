namespace Hyper2Kvm.Daemon.Jobs;

/// <summary>One guest on its way through the daemon: a row of <c>queue.db</c>.</summary>
internal sealed record DaemonJob
{
    /// <summary>Unique, and the name of its work directory: <c>job-</c> and twelve hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Its files.</summary>
    public required SourceGroup Source { get; init; }

    /// <summary>Where it is.</summary>
    public required JobState State { get; init; }

    /// <summary>When its files were complete, UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When the last try began, UTC.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When the last try ended, UTC.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>When it is tried again, UTC; for <see cref="JobState.Retrying"/>.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>How often it was tried again after a failure. A daemon that was killed or stopped in the middle of a try does not count.</summary>
    public int Retries { get; init; }

    /// <summary>A person asked for it again: it is converted though it was before.</summary>
    public bool IsForced { get; init; }

    /// <summary>Directory that the guest was put in.</summary>
    public string? OutputPath { get; init; }

    /// <summary>Code of the last failure (<c>input.corrupt</c>).</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Text of the last failure.</summary>
    public string? Error { get; init; }
}
