using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Control.Answers;

/// <summary>A job as clients see it.</summary>
internal sealed record JobDocument
{
    /// <summary>Unique.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the guest.</summary>
    public required string Name { get; init; }

    /// <summary><c>queued</c>, <c>running</c>, <c>retrying</c>, <c>succeeded</c>, <c>failed</c>, <c>skipped</c> or <c>cancelled</c>.</summary>
    public required string State { get; init; }

    /// <summary>What it counts as in the statistics (<c>vmdk</c>, <c>ovf</c>).</summary>
    public required string FileType { get; init; }

    /// <summary>What the conversion is given: disks, or one description.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Bytes of all its files together.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>When its files were complete, UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When the last try began, UTC.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When the last try ended, UTC.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>When it is tried again, UTC.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>How often it was tried again after a failure.</summary>
    public required int RetryCount { get; init; }

    /// <summary>Directory that the guest was put in.</summary>
    public string? OutputPath { get; init; }

    /// <summary>Code of the last failure (<c>input.corrupt</c>); see <c>docs/exit-codes.md</c>.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Text of the last failure.</summary>
    public string? Error { get; init; }

    /// <summary>How far it is; only while it runs.</summary>
    public ProgressDocument? Progress { get; init; }

    /// <summary>Makes the document of a job.</summary>
    /// <param name="view">The job.</param>
    public static JobDocument Of(JobView view) => new()
    {
        Id = view.Job.Id,
        Name = view.Job.Source.Name,
        State = Word(view.Job.State),
        FileType = view.Job.Source.FileType,
        Sources = view.Job.Source.Sources,
        SizeBytes = view.Job.Source.SizeBytes,
        Created = view.Job.Created,
        Started = view.Job.Started,
        Ended = view.Job.Ended,
        NextAttempt = view.Job.NextAttempt,
        RetryCount = view.Job.Retries,
        OutputPath = view.Job.OutputPath,
        ErrorCode = view.Job.ErrorCode,
        Error = view.Job.Error,
        Progress = view.Progress is null ? null : ProgressDocument.Of(view.Progress),
    };

    /// <summary>A state as documents say it.</summary>
    /// <param name="state">The state.</param>
    public static string Word(JobState state) => state.ToString().ToLowerInvariant();
}

/// <summary>How far a conversion is.</summary>
internal sealed record ProgressDocument
{
    /// <summary>The step that runs (<c>copy</c>).</summary>
    public required string Step { get; init; }

    /// <summary>How much of it is done, in <see cref="Unit"/>; all disks together.</summary>
    public required long Done { get; init; }

    /// <summary>How much there is; 0 where nobody knows.</summary>
    public required long Total { get; init; }

    /// <summary><c>bytes</c> or <c>parts</c>.</summary>
    public string? Unit { get; init; }

    /// <summary>How far the step is; missing where nobody knows.</summary>
    public double? Percent { get; init; }

    /// <summary>Makes the document of a progress.</summary>
    /// <param name="progress">The progress.</param>
    public static ProgressDocument Of(JobProgress progress) => new()
    {
        Step = progress.Step,
        Done = progress.Done,
        Total = progress.Total,
        Unit = progress.Unit,
        Percent = progress.Total > 0 ? Math.Round(100.0 * progress.Done / progress.Total, 1) : null,
    };
}
