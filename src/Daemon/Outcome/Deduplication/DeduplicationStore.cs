using Hyper2Kvm.Daemon.Jobs;
using Microsoft.Data.Sqlite;
using Serilog;

namespace Hyper2Kvm.Daemon.Outcome.Deduplication;

/// <summary>Knows what was converted before: <c>OUTPUT/.daemon/deduplication.db</c>.</summary>
internal sealed class DeduplicationStore : IOutcomeListener, IDisposable
{
    /// <summary>How long a record is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private static readonly TimeSpan Daily = TimeSpan.FromDays(1);

    private readonly DeduplicationDatabase _database;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly ITimer _timer;

    /// <summary>Opens the database, and removes what is older than 90 days, now and daily.</summary>
    /// <param name="path">The file; made where it is missing.</param>
    /// <param name="clock">The time.</param>
    /// <param name="log">Is told of damage.</param>
    /// <exception cref="Core.Errors.StepException">See <see cref="DeduplicationDatabase(string, TimeProvider, ILogger)"/>.</exception>
    public DeduplicationStore(string path, TimeProvider clock, ILogger log)
    {
        (_clock, _log) = (clock, log);
        _database = new DeduplicationDatabase(path, clock, log);
        RemoveOld();
        _timer = clock.CreateTimer(_ => RemoveOld(), null, Daily, Daily);
    }

    /// <summary>The newest conversion of the same guest that succeeded; <see langword="null"/> where there is none, or the last ones failed.</summary>
    /// <param name="source">The guest, complete.</param>
    /// <param name="byContent">Whether its whole content is hashed and decides alone; otherwise name, size and <see cref="SourceIdentity"/> decide, within milliseconds.</param>
    /// <param name="cancel">Gives hashing up. Nobody else waits for it.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public ProcessedFile? Find(SourceGroup source, bool byContent, CancellationToken cancel)
    {
        var files = SourceFile.Of(source);
        var sought = Describe(source, SourceIdentity.Of(files), byContent ? ContentHash.Of(files, cancel) : null);
        return _database.Use(connection =>
        {
            DeduplicationRows.Remember(connection, sought);
            return byContent ? DeduplicationRows.FindByContent(connection, sought) : DeduplicationRows.FindByIdentity(connection, sought);
        });
    }

    /// <summary>Records a guest that is ready or failed for good, with what <see cref="Find"/> computed of it.</summary>
    /// <inheritdoc/>
    public void Ended(JobOutcome outcome, Verdict verdict)
    {
        if (verdict.State is not (JobState.Succeeded or JobState.Failed))
        {
            return;
        }

        var source = outcome.Job.Source;
        _database.Use(connection =>
        {
            var known = DeduplicationRows.TakeRemembered(connection, source.Sources[0], source.SizeBytes) ?? Describe(source, SourceIdentity.Of(SourceFile.Of(source)), null);
            DeduplicationRows.Add(connection, known with
            {
                ProcessedAt = outcome.Ended,
                OutputPath = outcome.Succeeded ? outcome.OutputPath : null,
                Status = outcome.Succeeded ? ProcessedFile.Success : ProcessedFile.Failed,
            });
            return true;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _database.Dispose();
    }

    private ProcessedFile Describe(SourceGroup source, string identity, ContentHash? hash) => new()
    {
        FileName = Path.GetFileName(source.Sources[0]),
        FilePath = source.Sources[0],
        FileSize = source.SizeBytes,
        Identity = identity,
        Md5Hash = hash?.Md5,
        Sha256Hash = hash?.Sha256,
        ProcessedAt = _clock.GetUtcNow(),
        Status = string.Empty,
    };

    private void RemoveOld()
    {
        try
        {
            var removed = _database.Use(connection => DeduplicationRows.RemoveBefore(connection, _clock.GetUtcNow() - Kept));
            _log.Debug("{Count} records of conversions older than {Days} days were removed", removed, Kept.TotalDays);
        }
        catch (SqliteException unwritten)
        {
            _log.Warning("Old records of conversions cannot be removed today: {Reason}", unwritten.Message);
        }
    }
}
