namespace Hyper2Kvm.Daemon.Control.Answers;

/// <summary>Some jobs, newest first.</summary>
internal sealed record JobsAnswer : Answer
{
    /// <summary>The jobs.</summary>
    public required IReadOnlyList<JobDocument> Jobs { get; init; }
}

/// <summary>One job.</summary>
internal sealed record JobAnswer : Answer
{
    /// <summary>The job.</summary>
    public required JobDocument Job { get; init; }
}

/// <summary>How far one job is.</summary>
internal sealed record ProgressAnswer : Answer
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Where it is.</summary>
    public required string State { get; init; }

    /// <summary>How far its conversion is; missing where it does not run.</summary>
    public ProgressDocument? Progress { get; init; }
}
