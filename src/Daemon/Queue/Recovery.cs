using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Running;
using Serilog;

namespace Hyper2Kvm.Daemon.Queue;

/// <summary>What a daemon does before it begins anything: finds out how far the one before it came. After a kill at any moment no job is lost, and none is done twice.</summary>
internal sealed class Recovery(JobStore store, JobRunner runner, DaemonConfiguration configuration, ILogger log, TimeProvider clock)
{
    private const string JobPrefix = "job-";

    /// <summary>Puts the store, the files and the work directories in order.</summary>
    public void Run()
    {
        // In the order in which a job passes them.
        foreach (var job in store.Open().Where(job => job.State == JobState.Running))
        {
            TakeUp(job);
        }

        foreach (var job in store.Unsettled())
        {
            log.Information("{Name}: {State}, its files are put away now", job.Source.Name, JobStore.Word(job.State));
            runner.Settle(Outcome(job, job.Ended ?? clock.GetUtcNow()), new Verdict(job.State, job.NextAttempt));
        }

        foreach (var left in LeftOver())
        {
            CleanUp(left);
        }
    }

    /// <summary>A job that ran when the daemon was killed: its work directory says whether the guest is whole on the target.</summary>
    private void TakeUp(DaemonJob job)
    {
        var directory = Conversion.WorkDirectoryOf(configuration, job.Id);
        if (Directory.Exists(directory) && WorkDirectory.Use(directory).IsDone)
        {
            log.Information("{Name}: it had become ready when the daemon was killed", job.Source.Name);
            runner.Conclude(Outcome(job with { State = JobState.Succeeded }, clock.GetUtcNow()), new Verdict(JobState.Succeeded));
            return;
        }

        log.Warning("{Name}: its conversion was cut off; what was half made is removed, and it begins again", job.Source.Name);
        CleanUp(directory);
        if (job.OutputPath is { } output)
        {
            OutputPlace.Release(output);
        }

        store.Move(job.Id, JobState.Queued, JobState.Running);
    }

    private IEnumerable<string> LeftOver()
        => Directory.Exists(configuration.WorkDirectory)
            ? Directory.EnumerateDirectories(configuration.WorkDirectory, JobPrefix + "*").Where(path => store.Find(Path.GetFileName(path)) is not { State: JobState.Running })
            : [];

    private void CleanUp(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        // One in which no step has run yet holds a job.json and nothing else.
        if (WorkDirectory.WasUsed(directory) && CommandRunner.Run(new Command(ExecPath.Helper("hyper2kvm"), "cleanup", directory)) is { Succeeded: false } failed)
        {
            log.Error("{Directory} could not be cleaned up: {Error}", directory, failed.LastError);
            return;
        }

        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private JobOutcome Outcome(DaemonJob job, DateTimeOffset ended)
    {
        var succeeded = job.State == JobState.Succeeded;
        var code = ErrorCodes.All.FirstOrDefault(one => one.Name == job.ErrorCode) ?? ErrorCodes.Supervisor;
        return new JobOutcome
        {
            Job = job,
            ExitCode = succeeded ? 0 : code.ExitCode,
            Duration = job.Started is { } started && ended > started ? ended - started : TimeSpan.Zero,
            Ended = ended,
            Failure = succeeded ? null : new StepEvent { Ts = ended, Step = "supervisor", Type = EventType.Error, Code = code.Name, Message = job.Error ?? code.Meaning, Hint = code.Remedy },
            FailedStep = succeeded ? null : "supervisor",
            WorkDirectory = Conversion.WorkDirectoryOf(configuration, job.Id),
            OutputPath = job.OutputPath ?? configuration.OutputDir,
        };
    }
}
