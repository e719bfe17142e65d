using System.Globalization;
using System.Text.Json;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Jobs;
using Microsoft.Data.Sqlite;

namespace Hyper2Kvm.Daemon.Queue;

/// <summary>The table <c>jobs</c> of <c>queue.db</c>: the truth about every job. Each change is a transaction of its own that is on the disk when the call returns.</summary>
internal sealed class JobStore : IDisposable
{
    /// <summary>Name of the database in the daemon's own folder.</summary>
    public const string FileName = "queue.db";

    private const string Columns = "id, name, file_type, input_type, sources, entries, size_bytes, state, created, started, ended, next_attempt, retries, output_path, error_code, error, forced";

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;

    private JobStore(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens the database, and makes the table where it is missing.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="StepException">It cannot be opened (<see cref="ErrorCodes.DaemonState"/>).</exception>
    public static JobStore Open(string path)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var store = new JobStore(connection);

            // Write-ahead: Quartz reads and writes the same file (sqlite.org/wal.html).
            store.Run("PRAGMA journal_mode = WAL");
            store.Run(
                """
                CREATE TABLE IF NOT EXISTS jobs (
                    id TEXT PRIMARY KEY, name TEXT NOT NULL, file_type TEXT NOT NULL, input_type TEXT NOT NULL, sources TEXT NOT NULL, entries TEXT NOT NULL,
                    size_bytes INTEGER NOT NULL, state TEXT NOT NULL, settled INTEGER NOT NULL DEFAULT 0, created TEXT NOT NULL, started TEXT, ended TEXT,
                    next_attempt TEXT, retries INTEGER NOT NULL DEFAULT 0, output_path TEXT, error_code TEXT, error TEXT, forced INTEGER NOT NULL DEFAULT 0);
                CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state, created);
                CREATE INDEX IF NOT EXISTS jobs_name ON jobs (name, created);
                """);
            return store;
        }
        catch (SqliteException broken)
        {
            connection.Dispose();
            throw new StepException(ErrorCodes.DaemonState, $"{path} cannot be used: {broken.Message}", "If it is damaged, move it away: files that are still in the watch folder are taken again.", broken);
        }
    }

    /// <summary>Adds a job, <see cref="JobState.Queued"/>.</summary>
    /// <param name="job">The job.</param>
    public void Add(DaemonJob job)
        => Run(
            "INSERT INTO jobs (id, name, file_type, input_type, sources, entries, size_bytes, state, created) VALUES ($id, $name, $type, $input, $sources, $entries, $size, $state, $created)",
            ("$id", job.Id),
            ("$name", job.Source.Name),
            ("$type", job.Source.FileType),
            ("$input", job.Source.InputType),
            ("$sources", Pack(job.Source.Sources)),
            ("$entries", Pack(job.Source.Entries)),
            ("$size", job.Source.SizeBytes),
            ("$state", Word(job.State)),
            ("$created", Text(job.Created)));

    /// <summary>A job, or <see langword="null"/>.</summary>
    /// <param name="id">Its id.</param>
    public DaemonJob? Find(string id) => Read($"SELECT {Columns} FROM jobs WHERE id = $id", ("$id", id)).SingleOrDefault();

    /// <summary>The newest job of a guest, or <see langword="null"/>.</summary>
    /// <param name="name">Name of the guest.</param>
    public DaemonJob? FindByName(string name) => Read($"SELECT {Columns} FROM jobs WHERE name = $name ORDER BY created DESC LIMIT 1", ("$name", name)).SingleOrDefault();

    /// <summary>Jobs, newest first.</summary>
    /// <param name="state">Only those in this state.</param>
    /// <param name="limit">Most that are given.</param>
    public IReadOnlyList<DaemonJob> List(JobState? state, int limit)
        => Read($"SELECT {Columns} FROM jobs WHERE $state IS NULL OR state = $state ORDER BY created DESC, rowid DESC LIMIT $limit", ("$state", state is { } one ? Word(one) : null), ("$limit", limit));

    /// <summary>Jobs that have not come to an end.</summary>
    public IReadOnlyList<DaemonJob> Open() => Read($"SELECT {Columns} FROM jobs WHERE state IN ('queued', 'running', 'retrying') ORDER BY created, rowid");

    /// <summary>How many jobs wait, for a place or for their retry.</summary>
    public int Waiting() => (int)Scalar("SELECT count(*) FROM jobs WHERE state IN ('queued', 'retrying')");

    /// <summary>Jobs whose state says more than was done with their files: the daemon was killed in between.</summary>
    public IReadOnlyList<DaemonJob> Unsettled() => Read($"SELECT {Columns} FROM jobs WHERE settled = 0 AND state IN ('succeeded', 'skipped', 'failed', 'cancelled', 'retrying') ORDER BY created, rowid");

    /// <summary>Jobs that have ended and whose files were left in the watch folder.</summary>
    /// <param name="watchFolder">The watch folder.</param>
    public IReadOnlyList<DaemonJob> StayingInWatchFolder(string watchFolder)
        => [.. Read($"SELECT {Columns} FROM jobs WHERE settled = 1 AND state IN ('succeeded', 'skipped') AND instr(entries, '/.processed/') = 0")
            .Where(job => job.Source.Entries.Any(entry => Path.GetDirectoryName(entry) == watchFolder))];

    /// <summary>A try begins, if the job still waits.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="now">When, UTC.</param>
    /// <param name="outputPath">Where the guest will be.</param>
    /// <returns>Whether it waited: one caller alone gets this.</returns>
    public bool Begin(string id, DateTimeOffset now, string outputPath)
        => Run(
            "UPDATE jobs SET state = 'running', settled = 0, started = $now, ended = NULL, next_attempt = NULL, output_path = $output WHERE id = $id AND state IN ('queued', 'retrying')",
            ("$id", id),
            ("$now", Text(now)),
            ("$output", outputPath)) == 1;

    /// <summary>A try has ended: the commit of its outcome.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="verdict">What becomes of the job.</param>
    public void Conclude(JobOutcome outcome, Verdict verdict)
        => Run(
            "UPDATE jobs SET state = $state, settled = 0, ended = $ended, next_attempt = $next, retries = retries + $retried, output_path = $output, error_code = $code, error = $error WHERE id = $id",
            ("$id", outcome.Job.Id),
            ("$state", Word(verdict.State)),
            ("$ended", Text(outcome.Ended)),
            ("$next", verdict.NextAttempt is { } next ? Text(next) : null),
            ("$retried", verdict.State == JobState.Retrying ? 1 : 0),
            ("$output", outcome.OutputPath),
            ("$code", outcome.Failure?.Code),
            ("$error", outcome.Failure?.Message));

    /// <summary>Puts a job into another state.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="to">The state.</param>
    /// <param name="from">Only if it is in one of these.</param>
    /// <returns>Whether it was.</returns>
    public bool Move(string id, JobState to, params JobState[] from)
        => Run(
            $"UPDATE jobs SET state = $to, settled = 0, next_attempt = NULL WHERE id = $id AND state IN ({string.Join(", ", from.Select(state => $"'{Word(state)}'"))})",
            ("$id", id),
            ("$to", Word(to))) == 1;

    /// <summary>A job that has ended, or waits for its retry, begins anew: with all its retries, and whether it was converted before or not.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>Whether it was in such a state.</returns>
    public bool Requeue(string id)
        => Run("UPDATE jobs SET state = 'queued', settled = 0, next_attempt = NULL, retries = 0, forced = 1 WHERE id = $id AND state IN ('failed', 'cancelled', 'skipped', 'retrying')", ("$id", id)) == 1;

    /// <summary>The files of a job have been moved to where its state wants them.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="source">Where they are now.</param>
    public void Settle(string id, SourceGroup source)
        => Run(
            "UPDATE jobs SET settled = 1, sources = $sources, entries = $entries WHERE id = $id",
            ("$id", id),
            ("$sources", Pack(source.Sources)),
            ("$entries", Pack(source.Entries)));

    /// <summary>Forgets jobs that ended long ago.</summary>
    /// <param name="before">Those that ended before, UTC.</param>
    public void Forget(DateTimeOffset before) => Run("DELETE FROM jobs WHERE settled = 1 AND state IN ('succeeded', 'skipped', 'failed', 'cancelled') AND coalesce(ended, created) < $before", ("$before", Text(before)));

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    /// <summary>How a state is written.</summary>
    /// <param name="state">The state.</param>
    public static string Word(JobState state) => state.ToString().ToLowerInvariant();

    private static string Pack(IReadOnlyList<string> paths) => JsonSerializer.Serialize(paths, DaemonContext.Default.IReadOnlyListString);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static DaemonJob Job(SqliteDataReader row) => new()
    {
        Id = row.GetString(0),
        Source = new SourceGroup
        {
            Name = row.GetString(1),
            FileType = row.GetString(2),
            InputType = row.GetString(3),
            Sources = JsonSerializer.Deserialize(row.GetString(4), DaemonContext.Default.IReadOnlyListString)!,
            Entries = JsonSerializer.Deserialize(row.GetString(5), DaemonContext.Default.IReadOnlyListString)!,
            SizeBytes = row.GetInt64(6),
        },
        State = Enum.Parse<JobState>(row.GetString(7), ignoreCase: true),
        Created = Time(row, 8)!.Value,
        Started = Time(row, 9),
        Ended = Time(row, 10),
        NextAttempt = Time(row, 11),
        Retries = row.GetInt32(12),
        OutputPath = row.IsDBNull(13) ? null : row.GetString(13),
        ErrorCode = row.IsDBNull(14) ? null : row.GetString(14),
        Error = row.IsDBNull(15) ? null : row.GetString(15),
        IsForced = row.GetBoolean(16),
    };

    private static DateTimeOffset? Time(SqliteDataReader row, int column)
        => row.IsDBNull(column) ? null : DateTimeOffset.Parse(row.GetString(column), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    private int Run(string sql, params (string Name, object? Value)[] values)
    {
        lock (_lock)
        {
            using var command = Prepare(sql, values);
            return command.ExecuteNonQuery();
        }
    }

    private long Scalar(string sql)
    {
        lock (_lock)
        {
            using var command = Prepare(sql, []);
            return (long)command.ExecuteScalar()!;
        }
    }

    private List<DaemonJob> Read(string sql, params (string Name, object? Value)[] values)
    {
        lock (_lock)
        {
            using var command = Prepare(sql, values);
            using var rows = command.ExecuteReader();
            var jobs = new List<DaemonJob>();
            while (rows.Read())
            {
                jobs.Add(Job(rows));
            }

            return jobs;
        }
    }

    private SqliteCommand Prepare(string sql, (string Name, object? Value)[] values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }
}
