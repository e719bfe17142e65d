using System.Collections.Concurrent;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Queue;
using Serilog;

namespace Hyper2Kvm.Daemon.Running;

/// <summary>Takes jobs through their tries: begins, runs, commits how it ended, and only then moves files and tells others.</summary>
internal sealed class JobRunner(JobStore store, IRunnerSurroundings around, ILogger log, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Conversion> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _cancelled = new(StringComparer.Ordinal);

    /// <summary>How far the running jobs are, by id.</summary>
    public IReadOnlyDictionary<string, JobProgress> Progress => _running.ToDictionary(entry => entry.Key, entry => entry.Value.Progress, StringComparer.Ordinal);

    private SourceArchive Archive => new(around.Configuration.WatchDir);

    /// <summary>Does one try of a job, if it still waits for one.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="stop">The daemon ends: the try is given up, the job stays in the queue.</param>
    public void Try(string id, CancellationToken stop)
    {
        if (stop.IsCancellationRequested || store.Find(id) is not { State: JobState.Queued or JobState.Retrying } job)
        {
            return;
        }

        try
        {
            job = BringBack(job);
            if (!job.IsForced && around.ConvertedBefore(job.Source, stop) is { } earlier)
            {
                Skip(job, earlier);
                return;
            }

            Run(job, stop);
        }
        catch (OperationCanceledException)
        {
            // The daemon ends; the job was not begun.
        }
        catch (Exception failure)
        {
            Fail(job, failure);
        }
    }

    /// <summary>Ends a running job for good.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>Whether it ran.</returns>
    public bool Cancel(string id)
    {
        if (!_running.TryGetValue(id, out var conversion))
        {
            return false;
        }

        _cancelled[id] = true;
        conversion.Cancel();
        return true;
    }

    /// <summary>Commits how a try ended, and does what follows from it.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="verdict">What becomes of the job.</param>
    public void Conclude(JobOutcome outcome, Verdict verdict)
    {
        store.Conclude(outcome, verdict);
        Tell(outcome, verdict);
        Settle(outcome, verdict);
    }

    /// <summary>Does what follows from an outcome that is committed; again, where a kill came in between.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="verdict">What became of the job.</param>
    public void Settle(JobOutcome outcome, Verdict verdict)
    {
        foreach (var listener in verdict.State == JobState.Queued ? [] : around.Listeners)
        {
            Guard(() => listener.Ended(outcome, verdict), $"{listener.GetType().Name} of {outcome.Job.Source.Name}");
        }

        var source = outcome.Job.Source;
        Guard(() => source = Place(source, verdict.State, outcome.Ended), $"the files of {source.Name} could not be moved");
        if (!outcome.Succeeded)
        {
            Guard(() => OutputPlace.Release(outcome.OutputPath), outcome.OutputPath);
        }

        Guard(() => RemoveWorkDirectory(outcome.WorkDirectory), outcome.WorkDirectory);
        store.Settle(outcome.Job.Id, source);
        around.Released(outcome.Job.Source, source);
        if (verdict is { State: JobState.Retrying, NextAttempt: { } next })
        {
            around.Schedule(outcome.Job.Id, next);
        }
    }

    /// <summary>Moves the files of a job to where its state wants them.</summary>
    /// <param name="job">The job.</param>
    public void PutAway(DaemonJob job)
    {
        var source = job.Source;
        Guard(() => source = Place(source, job.State, clock.GetUtcNow()), $"the files of {source.Name} could not be moved");
        store.Settle(job.Id, source);
        around.Released(job.Source, source);
    }

    private static void RemoveWorkDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private void Run(DaemonJob job, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var output = OutputPlace.Choose(around.Configuration.OutputDir, job, now);
        if (!store.Begin(job.Id, now, output))
        {
            OutputPlace.Release(output);
            return;
        }

        log.Information("{Name}: conversion begins ({Job}, {Type}, {Bytes} bytes)", job.Source.Name, job.Id, job.Source.FileType, job.Source.SizeBytes);
        using var conversion = new Conversion(store.Find(job.Id)!, around.Configuration, clock, stop);
        _running[job.Id] = conversion;
        JobOutcome outcome;
        try
        {
            outcome = conversion.Run(output);
        }
        finally
        {
            _running.TryRemove(job.Id, out _);
        }

        Conclude(outcome, Judge(outcome, stop));
    }

    private Verdict Judge(JobOutcome outcome, CancellationToken stop)
        => outcome.Succeeded ? new Verdict(JobState.Succeeded)
            : _cancelled.TryRemove(outcome.Job.Id, out _) ? new Verdict(JobState.Cancelled)
            : stop.IsCancellationRequested ? new Verdict(JobState.Queued)
            : around.Decide(outcome);

    /// <summary>What rested in <c>.errors</c> comes back for its next try.</summary>
    private DaemonJob BringBack(DaemonJob job)
    {
        if (Archive.IsInWatchFolder(job.Source))
        {
            return job;
        }

        around.Taken(job.Source with { Entries = [.. job.Source.Entries.Select(entry => Path.Combine(around.Configuration.WatchDir, Path.GetFileName(entry)))] });
        var source = Archive.ToWatchFolder(job.Source);
        store.Settle(job.Id, source);
        return job with { Source = source };
    }

    private void Skip(DaemonJob job, string earlier)
    {
        log.Information("{Name}: passed over, {Earlier}", job.Source.Name, earlier);
        if (store.Move(job.Id, JobState.Skipped, JobState.Queued, JobState.Retrying))
        {
            PutAway(job with { State = JobState.Skipped });
        }
    }

    /// <summary>A try that could not even begin: the output folder is full, a file is gone.</summary>
    private void Fail(DaemonJob job, Exception failure)
    {
        log.Error(failure, "{Name}: the try could not be made", job.Source.Name);
        var told = failure as StepException;
        var now = clock.GetUtcNow();
        var outcome = new JobOutcome
        {
            Job = job,
            ExitCode = (told?.Code ?? ErrorCodes.DaemonState).ExitCode,
            Duration = TimeSpan.Zero,
            Ended = now,
            Failure = new StepEvent { Ts = now, Step = "daemon", Type = EventType.Error, Code = (told?.Code ?? ErrorCodes.DaemonState).Name, Message = failure.Message, Hint = told?.Hint },
            FailedStep = "daemon",
            WorkDirectory = Conversion.WorkDirectoryOf(around.Configuration, job.Id),
            OutputPath = job.OutputPath ?? around.Configuration.OutputDir,
        };
        Conclude(outcome, around.Decide(outcome));
    }

    private SourceGroup Place(SourceGroup source, JobState state, DateTimeOffset on) => state switch
    {
        JobState.Succeeded or JobState.Skipped when around.Configuration.ArchiveProcessed => Archive.ToProcessed(source, on),
        JobState.Failed or JobState.Retrying or JobState.Cancelled => Archive.ToErrors(source),
        _ => source,
    };

    private void Tell(JobOutcome outcome, Verdict verdict)
    {
        var name = outcome.Job.Source.Name;
        switch (verdict.State)
        {
            case JobState.Succeeded:
                log.Information("{Name}: ready after {Seconds:0.0} s in {Place}", name, outcome.Duration.TotalSeconds, outcome.OutputPath);
                break;
            case JobState.Retrying:
                log.Warning("{Name}: failed in {Step} ({Code}): {Error}; tried again at {Next:u}", name, outcome.FailedStep, outcome.Failure?.Code, outcome.Failure?.Message, verdict.NextAttempt);
                break;
            case JobState.Queued:
                log.Information("{Name}: given up because the daemon ends; it is taken up again at the next start", name);
                break;
            default:
                log.Error("{Name}: {State} in {Step} ({Code}): {Error} ({Hint})", name, JobStore.Word(verdict.State), outcome.FailedStep, outcome.Failure?.Code, outcome.Failure?.Message, outcome.Failure?.Hint);
                break;
        }
    }

    private void Guard(Action act, string what)
    {
        try
        {
            act();
        }
        catch (Exception failure)
        {
            log.Error(failure, "{What}", what);
        }
    }
}
