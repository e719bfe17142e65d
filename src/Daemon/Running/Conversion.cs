using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Running;

/// <summary>One try of one job: <c>hyper2kvm convert</c> as a process of its own, in a work directory of its own, so that it fails, is killed or runs out of memory alone.</summary>
internal sealed class Conversion : IDisposable
{
    private const int SignalBase = 128;
    private const int Killed = 9;

    /// <summary>A conversion that is told to stop takes back what it made on the target.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly DaemonJob _job;
    private readonly DaemonConfiguration _configuration;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop;
    private readonly EventTrail _trail = new();

    /// <summary>Prepares a try.</summary>
    /// <param name="job">The job.</param>
    /// <param name="configuration">The configuration that holds for this try.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="stop">Ends it.</param>
    public Conversion(DaemonJob job, DaemonConfiguration configuration, TimeProvider clock, CancellationToken stop)
    {
        (_job, _configuration, _clock) = (job, configuration, clock);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
    }

    /// <summary>How far it is.</summary>
    public JobProgress Progress => _trail.Progress;

    /// <summary>Ends it: what it made on the target is taken back.</summary>
    public void Cancel() => _stop.Cancel();

    /// <summary>Runs it to its end.</summary>
    /// <param name="outputPath">Directory that the guest goes to.</param>
    /// <returns>How it ended; a try that could not even begin is a failed one.</returns>
    public JobOutcome Run(string outputPath)
    {
        var (began, clock) = (_clock.GetTimestamp(), _clock);
        var directory = WorkDirectoryOf(_configuration, _job.Id);
        int exitCode;
        var failure = (StepEvent?)null;
        try
        {
            exitCode = Convert(directory, outputPath);
            failure = exitCode == 0 ? null : _trail.Failure ?? Died(exitCode);
        }
        catch (StepException told)
        {
            exitCode = told.Code.ExitCode;
            failure = Event(told);
        }

        return new JobOutcome
        {
            Job = _job,
            ExitCode = exitCode,
            Duration = clock.GetElapsedTime(began),
            Ended = clock.GetUtcNow(),
            BytesWritten = exitCode == 0 ? Written(outputPath) : 0,
            Failure = failure,
            FailedStep = exitCode == 0 ? null : _trail.FailedStep ?? "supervisor",
            WorkDirectory = directory,
            OutputPath = outputPath,
        };
    }

    /// <summary>Where a job works.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="id">The job's id.</param>
    public static string WorkDirectoryOf(DaemonConfiguration configuration, string id) => Path.Combine(configuration.WorkDirectory, id);

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private int Convert(string directory, string outputPath)
    {
        var request = JobRequest.Make(_job, _configuration, outputPath);
        var work = WorkDirectory.Use(directory);
        work.Save(request);
        using var limits = JobCgroup.Make(_job.Id, _configuration.JobLimits);
        using var timeout = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _clock);
        if (_configuration.JobLimits.Timeout > TimeSpan.Zero)
        {
            timeout.CancelAfter(_configuration.JobLimits.Timeout);
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, timeout.Token);
        using var child = ChildProcess.Start(
            limits.Confine(new Command(ExecPath.Helper("hyper2kvm"), "convert", "--job", work.File(Job.FileName), "--work", work.Path, "--json") { Grace = Grace }),
            ReadEvents);
        int exitCode;
        Task? stopped = null;

        // On another thread: who ends all jobs does not wait for one after another.
        using (end.Token.Register(() => stopped = Task.Run(child.Stop, CancellationToken.None)))
        {
            exitCode = child.Wait(CancellationToken.None);
        }

        stopped?.Wait(CancellationToken.None);
        return exitCode switch
        {
            0 => 0, // It had become ready before it could be stopped.
            _ when _stop.IsCancellationRequested => ErrorCodes.Interrupted.ExitCode,
            _ when timeout.IsCancellationRequested => throw OutOfTime(),
            SignalBase + Killed when limits.RanOutOfMemory => throw OutOfMemory(),
            _ => exitCode,
        };
    }

    private void ReadEvents(Stream output)
    {
        using var reader = new StreamReader(output);
        while (reader.ReadLine() is { } line)
        {
            if (StepEvent.TryParse(line) is { } what)
            {
                _trail.Add(what);
            }
        }
    }

    /// <summary>What the guest takes on its target, or, where that cannot be seen from here, what the copy has dealt with.</summary>
    private long Written(string outputPath) => OutputPlace.AllocatedBytes(outputPath) is > 0 and var bytes ? bytes : _trail.BytesCopied;

    private StepException OutOfTime()
        => new(
            ErrorCodes.JobTimeout,
            $"{_job.Source.Name} was not converted within {_configuration.JobLimits.Timeout.TotalSeconds:0} seconds; it stood at '{_trail.Progress.Step}'");

    private StepException OutOfMemory()
        => new(
            ErrorCodes.HelperDied,
            $"the conversion of {_job.Source.Name} needed more than the {_configuration.JobLimits.MemoryMax} bytes of job_limits.memory_max and was killed",
            "Raise job_limits.memory_max, or lower max_concurrent_jobs.");

    private StepEvent Died(int exitCode)
        => Event(exitCode > SignalBase
            ? new StepException(ErrorCodes.HelperDied, $"hyper2kvm convert was killed by signal {exitCode - SignalBase}", "If it was the kernel for want of memory (dmesg), lower max_concurrent_jobs.")
            : new StepException(ErrorCodes.All.FirstOrDefault(code => code.ExitCode == exitCode) ?? ErrorCodes.Supervisor, $"hyper2kvm convert ended with {exitCode} and told no reason"));

    private StepEvent Event(StepException told) => new()
    {
        Ts = _clock.GetUtcNow(),
        Step = "supervisor",
        Type = EventType.Error,
        Code = told.Code.Name,
        Message = told.Message,
        Hint = told.Hint,
    };
}
