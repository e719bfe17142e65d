using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Tests.Support;

/// <summary>Jobs and outcomes for tests.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static SourceGroup Source(string folder, params string[] files) => new()
    {
        Name = Path.GetFileNameWithoutExtension(files[0]),
        FileType = Path.GetExtension(files[0]).TrimStart('.'),
        InputType = "disk",
        Sources = [Path.Combine(folder, files[0])],
        Entries = [.. files.Select(file => Path.Combine(folder, file))],
        SizeBytes = 4096,
    };

    public static DaemonJob Job(SourceGroup source, string id = "job-000000000001") => new() { Id = id, Source = source, State = JobState.Queued, Created = Noon };

    public static JobOutcome Outcome(DaemonJob job, string? code = null) => new()
    {
        Job = job,
        ExitCode = code is null ? 0 : 14,
        Duration = TimeSpan.FromSeconds(3),
        Ended = Noon.AddMinutes(1),
        Failure = code is null ? null : new StepEvent { Ts = Noon, Step = "supervisor", Type = EventType.Error, Code = code, Message = "it is broken", Hint = "mend it" },
        FailedStep = code is null ? null : "input-disk",
        WorkDirectory = "/nonexistent",
        OutputPath = "/out/2026-03-01/x",
    };
}
