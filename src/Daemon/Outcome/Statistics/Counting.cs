using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Outcome.Statistics;

/// <summary>How a try changes the counters. Pure.</summary>
internal static class Counting
{
    /// <summary>How many of the last that ended are listed.</summary>
    public const int RecentJobs = 10;

    /// <summary>The counters after a try.</summary>
    /// <param name="before">The counters.</param>
    /// <param name="outcome">How the try ended.</param>
    /// <param name="verdict">What becomes of its job; one that the daemon stopped, or that was cancelled, counts as none.</param>
    /// <returns><paramref name="before"/> itself where the try is told a second time, as happens to one that ended just before the daemon was killed.</returns>
    public static DaemonStatistics Add(DaemonStatistics before, JobOutcome outcome, Verdict verdict)
    {
        if (verdict.State is not (JobState.Succeeded or JobState.Failed or JobState.Retrying)
            || before.RecentCompleted.Any(recent => recent.Id == outcome.Job.Id && recent.Status == CompletedJob.Success))
        {
            return before;
        }

        var after = before with { TotalRetried = before.TotalRetried + (outcome.Job.Retries > 0 ? 1 : 0) };
        return verdict.State == JobState.Retrying ? after : Ended(after, outcome);
    }

    /// <summary>Ready of ready and failed, percent; 100 where there is none yet.</summary>
    /// <param name="processed">Ready.</param>
    /// <param name="failed">Failed for good.</param>
    public static double SuccessRate(long processed, long failed) => processed + failed == 0 ? 100 : 100.0 * processed / (processed + failed);

    private static DaemonStatistics Ended(DaemonStatistics before, JobOutcome outcome)
    {
        var source = outcome.Job.Source;
        var seconds = outcome.Duration.TotalSeconds;
        var (ready, failed) = outcome.Succeeded ? (1, 0) : (0, 1);
        var type = before.ByFileType.GetValueOrDefault(source.FileType) ?? new FileTypeStatistics();
        return before with
        {
            TotalProcessed = before.TotalProcessed + ready,
            TotalFailed = before.TotalFailed + failed,
            SuccessRatePercent = SuccessRate(before.TotalProcessed + ready, before.TotalFailed + failed),
            AverageProcessingTimeSeconds = Mean(before.AverageProcessingTimeSeconds, before.TotalProcessed, seconds, ready),
            BytesIn = before.BytesIn + (ready * source.SizeBytes),
            BytesOut = before.BytesOut + outcome.BytesWritten,
            ByFileType = new SortedDictionary<string, FileTypeStatistics>(before.ByFileType.ToDictionary(), StringComparer.Ordinal)
            {
                [source.FileType] = new()
                {
                    Processed = type.Processed + ready,
                    Failed = type.Failed + failed,
                    SuccessRatePercent = SuccessRate(type.Processed + ready, type.Failed + failed),
                    AverageTimeSeconds = Mean(type.AverageTimeSeconds, type.Processed, seconds, ready),
                },
            },
            RecentCompleted = [Completed(outcome), .. before.RecentCompleted.Take(RecentJobs - 1)],
        };
    }

    /// <summary>A mean after one more; the same where nothing is added.</summary>
    private static double Mean(double mean, long count, double value, int added) => added == 0 ? mean : mean + ((value - mean) / (count + 1));

    private static CompletedJob Completed(JobOutcome outcome) => new()
    {
        Id = outcome.Job.Id,
        Filename = Path.GetFileName(outcome.Job.Source.Sources[0]),
        FileType = outcome.Job.Source.FileType,
        EndTime = outcome.Ended,
        DurationSeconds = outcome.Duration.TotalSeconds,
        Status = outcome.Succeeded ? CompletedJob.Success : CompletedJob.Failed,
        Error = outcome.Succeeded ? null : OutcomeCode.Text(outcome),
        RetryCount = outcome.Job.Retries,
    };
}
