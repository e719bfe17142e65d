using Hyper2Kvm.Core.Errors;
using Microsoft.Data.Sqlite;
using Serilog;

namespace Hyper2Kvm.Daemon.Outcome.Deduplication;

/// <summary>The open <c>deduplication.db</c>. One that is damaged, whenever that is noticed, is put aside and told, and an empty one takes its place: it costs a conversion twice, never the daemon.</summary>
internal sealed class DeduplicationDatabase : IDisposable
{
    // SQLite, "Result and Error Codes".
    private const int SqliteError = 1;
    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private SqliteConnection _connection;

    /// <summary>Opens it; makes or migrates its tables.</summary>
    /// <param name="path">The file.</param>
    /// <param name="clock">The time.</param>
    /// <param name="log">Is told of damage.</param>
    /// <exception cref="StepException">It cannot be opened (<see cref="ErrorCodes.OutputPermission"/>), or a later version wrote it (<see cref="ErrorCodes.Document"/>).</exception>
    public DeduplicationDatabase(string path, TimeProvider clock, ILogger log)
    {
        (_path, _clock, _log) = (path, clock, log);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            _connection = Open();
        }
        catch (SqliteException damaged) when (damaged.SqliteErrorCode is SqliteError or SqliteCorrupt or SqliteNotADatabase)
        {
            PutAside(damaged);
            _connection = Open();
        }
        catch (SqliteException unusable)
        {
            throw new StepException(ErrorCodes.OutputPermission, $"{path} cannot be opened: {unusable.Message}", "Let the daemon's user write the folder .daemon of output_dir.", unusable);
        }
    }

    /// <summary>Does something with the database, alone.</summary>
    /// <param name="work">What; done again on an empty database where this one turns out to be damaged.</param>
    /// <exception cref="SqliteException">It cannot be read or written (a full disk, for one).</exception>
    public T Use<T>(Func<SqliteConnection, T> work)
    {
        lock (_gate)
        {
            try
            {
                return work(_connection);
            }
            catch (SqliteException damaged) when (damaged.SqliteErrorCode is SqliteCorrupt or SqliteNotADatabase)
            {
                _connection.Dispose();
                PutAside(damaged);
                _connection = Open();
                return work(_connection);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _connection.Dispose();
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            using var check = connection.CreateCommand();
            check.CommandText = "PRAGMA quick_check(1)";
            if (check.ExecuteScalar() is not "ok")
            {
                throw new SqliteException("quick_check found damage", SqliteCorrupt);
            }

            DeduplicationSchema.Ensure(connection, _clock.GetUtcNow());
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void PutAside(SqliteException damaged)
    {
        var aside = Enumerable.Range(1, int.MaxValue).Select(number => $"{_path}.damaged{(number == 1 ? string.Empty : $"-{number}")}").First(name => !File.Exists(name));
        File.Move(_path, aside);
        File.Delete($"{_path}-journal");
        _log.Error("{Path} is damaged and was put aside as {Aside}; what was converted before is not known any more: {Reason}", _path, aside, damaged.Message);
    }
}
