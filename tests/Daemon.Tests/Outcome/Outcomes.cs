using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Tests.Outcome;

/// <summary>Ends of tries, as the daemon's parts are told them.</summary>
internal static class Outcomes
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static SourceGroup Source(string path, long bytes = 1 << 20, params string[] entries) => new()
    {
        Name = Path.GetFileNameWithoutExtension(path),
        FileType = Path.GetExtension(path).TrimStart('.'),
        InputType = Path.GetExtension(path).TrimStart('.'),
        Sources = [path],
        Entries = entries.Length > 0 ? entries : [path],
        SizeBytes = bytes,
    };

    public static JobOutcome Succeeded(SourceGroup? source = null, double seconds = 60, int retries = 0, string id = "job-0123456789ab") => new()
    {
        Job = new DaemonJob
        {
            Id = id,
            Source = source ?? Source("/watch/web01.vmdk"),
            State = JobState.Running,
            Created = Noon.AddHours(-1),
            Started = Noon.AddSeconds(-seconds),
            Retries = retries,
        },
        ExitCode = 0,
        Duration = TimeSpan.FromSeconds(seconds),
        Ended = Noon,
        BytesWritten = 500_000,
        WorkDirectory = "/nonexistent/work",
        OutputPath = "/out/2026-03-01/web01",
    };

    public static JobOutcome Failed(ErrorCode code, SourceGroup? source = null, int retries = 0, string? message = null, string step = "copy", string? hint = null)
        => Succeeded(source, retries: retries) with
        {
            ExitCode = code.ExitCode,
            BytesWritten = 0,
            FailedStep = step,
            Failure = new StepEvent { Step = "supervisor", Type = EventType.Error, Code = code.Name, Message = message ?? code.Meaning, Hint = hint },
        };

    /// <summary>A try whose process ended without a word.</summary>
    public static JobOutcome Died(int exitCode, SourceGroup? source = null, int retries = 0) => Succeeded(source, retries: retries) with { ExitCode = exitCode, FailedStep = "supervisor" };
}
