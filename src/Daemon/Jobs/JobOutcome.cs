using Hyper2Kvm.Core.Events;

namespace Hyper2Kvm.Daemon.Jobs;

/// <summary>How one try of a job ended.</summary>
internal sealed record JobOutcome
{
    /// <summary>The job, as it was when the try began.</summary>
    public required DaemonJob Job { get; init; }

    /// <summary>Exit code of <c>hyper2kvm convert</c>; 0: the guest is whole on the target. 128 + N where signal N ended it.</summary>
    public required int ExitCode { get; init; }

    /// <summary>Time of the try.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public required DateTimeOffset Ended { get; init; }

    /// <summary>Bytes that were written to the target; 0 where nobody said.</summary>
    public long BytesWritten { get; init; }

    /// <summary>The supervisor's last error event; <see langword="null"/> where it worked, or died without a word.</summary>
    public StepEvent? Failure { get; init; }

    /// <summary>The step that failed first (<c>input-vmdk</c>, <c>convert</c>, <c>copy</c> …), else <c>supervisor</c>.</summary>
    public string? FailedStep { get; init; }

    /// <summary>The job's work directory with its logs and events; it is removed when everybody has been told.</summary>
    public required string WorkDirectory { get; init; }

    /// <summary>Where the guest is, or would have been.</summary>
    public required string OutputPath { get; init; }

    /// <summary>Whether the guest is whole on the target.</summary>
    public bool Succeeded => ExitCode == 0;
}
