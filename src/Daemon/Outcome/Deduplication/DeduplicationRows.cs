using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Hyper2Kvm.Daemon.Outcome.Deduplication;

/// <summary>The statements on <c>deduplication.db</c>.</summary>
internal static class DeduplicationRows
{
    private const string Columns = "filename, filepath, file_size, md5_hash, sha256_hash, identity, processed_at, output_path, status";

    /// <summary>The newest success of this name, size and identity.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="sought">What is sought.</param>
    public static ProcessedFile? FindByIdentity(SqliteConnection connection, ProcessedFile sought)
        => First(connection, $"SELECT {Columns} FROM processed_files WHERE filename = $name AND file_size = $size AND identity = $identity AND status = $success ORDER BY id DESC LIMIT 1", sought);

    /// <summary>The newest success of this content. Records of older databases have an MD5 only: it decides where there is no SHA-256.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="sought">What is sought.</param>
    public static ProcessedFile? FindByContent(SqliteConnection connection, ProcessedFile sought)
        => First(connection, $"SELECT {Columns} FROM processed_files WHERE file_size = $size AND (sha256_hash = $sha256 OR (sha256_hash IS NULL AND md5_hash = $md5)) AND status = $success ORDER BY id DESC LIMIT 1", sought);

    /// <summary>Adds a record.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="file">The record.</param>
    public static void Add(SqliteConnection connection, ProcessedFile file)
    {
        using var command = Command(connection, $"INSERT INTO processed_files ({Columns}) VALUES ($name, $path, $size, $md5, $sha256, $identity, $time, $output, $status)", file);
        command.ExecuteNonQuery();
    }

    /// <summary>Keeps what was computed of a file until its job has ended.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="file">The file.</param>
    public static void Remember(SqliteConnection connection, ProcessedFile file)
    {
        using var command = Command(connection, "INSERT OR REPLACE INTO seen_files (filepath, file_size, md5_hash, sha256_hash, identity, seen_at) VALUES ($path, $size, $md5, $sha256, $identity, $time)", file);
        command.ExecuteNonQuery();
    }

    /// <summary>What <see cref="Remember"/> kept of a file, and forgets it; <see langword="null"/> where it kept nothing.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="path">The file.</param>
    /// <param name="size">Bytes of all files of its guest.</param>
    public static ProcessedFile? TakeRemembered(SqliteConnection connection, string path, long size)
    {
        var key = new ProcessedFile { FileName = Path.GetFileName(path), FilePath = path, FileSize = size, ProcessedAt = default, Status = string.Empty };
        var found = First(connection, "SELECT $name, filepath, file_size, md5_hash, sha256_hash, identity, seen_at, NULL, '' FROM seen_files WHERE filepath = $path AND file_size = $size", key);
        using var command = Command(connection, "DELETE FROM seen_files WHERE filepath = $path", key);
        command.ExecuteNonQuery();
        return found;
    }

    /// <summary>Removes old records.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="time">What is older goes.</param>
    /// <returns>How many went.</returns>
    public static int RemoveBefore(SqliteConnection connection, DateTimeOffset time)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM seen_files WHERE seen_at < $time; DELETE FROM processed_files WHERE processed_at < $time";
        command.Parameters.AddWithValue("$time", DeduplicationSchema.Text(time));
        return command.ExecuteNonQuery();
    }

    private static ProcessedFile? First(SqliteConnection connection, string query, ProcessedFile sought)
    {
        using var command = Command(connection, query, sought);
        using var reader = command.ExecuteReader();
        return reader.Read() ? Read(reader) : null;
    }

    private static SqliteCommand Command(SqliteConnection connection, string text, ProcessedFile file)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        (string Name, object? Value)[] values =
        [
            ("$name", file.FileName), ("$path", file.FilePath), ("$size", file.FileSize), ("$md5", file.Md5Hash), ("$sha256", file.Sha256Hash), ("$identity", file.Identity),
            ("$time", DeduplicationSchema.Text(file.ProcessedAt)), ("$output", file.OutputPath), ("$status", file.Status), ("$success", ProcessedFile.Success),
        ];
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    private static ProcessedFile Read(SqliteDataReader reader)
    {
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        return new ProcessedFile
        {
            FileName = reader.GetString(0),
            FilePath = reader.GetString(1),
            FileSize = reader.GetInt64(2),
            Md5Hash = Text(3),
            Sha256Hash = Text(4),
            Identity = Text(5),
            ProcessedAt = DateTimeOffset.Parse(reader.GetString(6), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            OutputPath = Text(7),
            Status = reader.GetString(8),
        };
    }
}
