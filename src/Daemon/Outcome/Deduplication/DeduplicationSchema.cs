using System.Globalization;
using Hyper2Kvm.Core.Errors;
using Microsoft.Data.Sqlite;

namespace Hyper2Kvm.Daemon.Outcome.Deduplication;

/// <summary>The tables of <c>deduplication.db</c>, and how those of hyper2kvm's predecessor in Python become ours.</summary>
internal static class DeduplicationSchema
{
    private const int Version = 1;

    /// <summary><c>seen_files</c> keeps what was computed of a file when it came, until its job has ended: hashing may take long, and telling an outcome must not.</summary>
    private const string Tables = """
        CREATE TABLE processed_files (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            filename TEXT NOT NULL,
            filepath TEXT NOT NULL,
            file_size INTEGER NOT NULL,
            md5_hash TEXT,
            sha256_hash TEXT,
            identity TEXT,
            processed_at TEXT NOT NULL,
            output_path TEXT,
            status TEXT NOT NULL);
        CREATE TABLE seen_files (
            filepath TEXT PRIMARY KEY,
            file_size INTEGER NOT NULL,
            md5_hash TEXT,
            sha256_hash TEXT,
            identity TEXT NOT NULL,
            seen_at TEXT NOT NULL);
        """;

    private const string Indexes = """
        CREATE INDEX processed_files_name ON processed_files (filename, file_size);
        CREATE INDEX processed_files_size ON processed_files (file_size);
        CREATE INDEX processed_files_time ON processed_files (processed_at);
        """;

    /// <summary>Makes the tables where there are none, and migrates old ones in place; all of it or nothing.</summary>
    /// <param name="connection">The open database.</param>
    /// <param name="now">What stands for a time that cannot be read.</param>
    /// <exception cref="StepException">A later version wrote it (<see cref="ErrorCodes.Document"/>).</exception>
    /// <exception cref="SqliteException">It is damaged, or somebody else's.</exception>
    public static void Ensure(SqliteConnection connection, DateTimeOffset now)
    {
        var version = Number(connection, "PRAGMA user_version");
        if (version == Version)
        {
            return;
        }

        if (version > Version)
        {
            throw new StepException(ErrorCodes.Document, $"{connection.DataSource} is of version {version}; this program knows {Version}", "Use the newer hyper2kvm again, or move the file away.");
        }

        using var whole = connection.BeginTransaction();
        var isOld = Number(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'processed_files'") == 1;
        if (isOld)
        {
            Execute(connection, "ALTER TABLE processed_files RENAME TO old_files");
        }

        Execute(connection, Tables);
        if (isOld)
        {
            Migrate(connection, now);
        }

        Execute(connection, Indexes);
        Execute(connection, $"PRAGMA user_version = {Version}");
        whole.Commit();
    }

    /// <summary>A time as the database has it; later ones are later as text too.</summary>
    /// <param name="time">The time.</param>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The old times are local without a zone, and an empty MD5 stands for a file that could not be read.</summary>
    private static void Migrate(SqliteConnection connection, DateTimeOffset now)
    {
        connection.CreateFunction("utc_time", (string? local) => Text(DateTimeOffset.TryParse(local, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time) ? time : now));
        Execute(connection, """
            INSERT INTO processed_files (id, filename, filepath, file_size, md5_hash, processed_at, output_path, status)
                SELECT id, filename, filepath, file_size, nullif(lower(md5_hash), ''), utc_time(processed_at), output_path, status FROM old_files ORDER BY id;
            DROP TABLE old_files;
            """);
    }

    private static long Number(SqliteConnection connection, string query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string statements)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }
}
