using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Control.Answers;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Control.Commands;

/// <summary>The commands that are about jobs.</summary>
internal static class JobCommands
{
    /// <summary>Most jobs that one answer has.</summary>
    public const int MostJobs = 1000;

    /// <summary>Most lines of a log that one answer has.</summary>
    public const int MostLines = 10_000;

    private const int UsualCount = 100;

    /// <summary><c>jobs</c>.</summary>
    public static Answer List(IDaemonControl daemon, ControlRequest request, TimeProvider clock)
        => new JobsAnswer { Jobs = [.. daemon.Jobs(State(request.State), Count("limit", request.Limit, MostJobs)).Select(JobDocument.Of)] };

    /// <summary><c>job</c>.</summary>
    public static Answer One(IDaemonControl daemon, ControlRequest request, TimeProvider clock)
        => new JobAnswer { Job = JobDocument.Of(Find(daemon, request.Id!)) };

    /// <summary><c>progress</c>.</summary>
    public static Answer Progress(IDaemonControl daemon, ControlRequest request, TimeProvider clock)
    {
        var job = JobDocument.Of(Find(daemon, request.Id!));
        return new ProgressAnswer { Id = job.Id, State = job.State, Progress = job.Progress };
    }

    /// <summary><c>retry</c>.</summary>
    public static Answer Retry(IDaemonControl daemon, ControlRequest request, TimeProvider clock)
        => Change(daemon, request.Id!, daemon.Retry, "queued");

    /// <summary><c>cancel</c>.</summary>
    public static Answer Cancel(IDaemonControl daemon, ControlRequest request, TimeProvider clock)
        => Change(daemon, request.Id!, daemon.Cancel, "cancelled");

    /// <summary><c>logs</c>.</summary>
    public static Answer Logs(IDaemonControl daemon, ControlRequest request, TimeProvider clock)
    {
        var id = request.Id is null ? null : Find(daemon, request.Id).Job.Id;
        return new LogsAnswer { Lines = daemon.Logs(id, Count("lines", request.Lines, MostLines)) };
    }

    private static MessageAnswer Change(IDaemonControl daemon, string idOrName, Action<string> change, string done)
    {
        var job = Find(daemon, idOrName).Job;
        try
        {
            change(job.Id);
        }
        catch (StepException refused) when (refused.Code == ErrorCodes.Usage)
        {
            throw new ControlException(ControlError.JobState, refused.Message, refused);
        }

        return ControlCommands.Said($"Job {job.Id} ({job.Source.Name}) {done}");
    }

    private static JobView Find(IDaemonControl daemon, string idOrName)
        => daemon.Job(idOrName) ?? throw new ControlException(ControlError.UnknownJob, $"there is no job '{idOrName}'");

    private static JobState? State(string? word)
    {
        if (word is null)
        {
            return null;
        }

        var states = Enum.GetValues<JobState>();
        var index = Array.FindIndex(states, state => JobDocument.Word(state) == word);
        return index >= 0
            ? states[index]
            : throw new ControlException(ControlError.Malformed, $"'{word}' is no state of a job; there are {string.Join(", ", states.Select(JobDocument.Word))}");
    }

    private static int Count(string field, int? given, int most) => given switch
    {
        null => UsualCount,
        >= 1 when given <= most => given.Value,
        _ => throw new ControlException(ControlError.Malformed, $"'{field}' is {given}, and must be from 1 to {most}"),
    };
}
