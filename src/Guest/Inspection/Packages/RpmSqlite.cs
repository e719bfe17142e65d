namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>rpm's database in SQLite (rpm, lib/backend/sqlite.c): its index table <c>Name</c> has the name of every package. Versions are in rpm's own headers and not read.</summary>
/// <remarks>What rpm left in a write-ahead log, because the guest was cut off, is not seen.</remarks>
internal static class RpmSqlite
{
    private const long LargestDatabase = 512L * 1024 * 1024;

    /// <summary>rpm counts the keys that sign packages as packages.</summary>
    private const string SigningKey = "gpg-pubkey";

    /// <summary>The packages.</summary>
    /// <param name="files">The system.</param>
    /// <param name="path">The database.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static IEnumerable<InstalledPackage> Read(IGuestFiles files, string path)
    {
        using var stream = files.OpenRead(path);
        if (stream.Length > LargestDatabase)
        {
            throw new InvalidDataException($"{path} is larger than such a database is");
        }

        return [.. SqliteTable.FirstColumn(stream, "Name").Where(name => name != SigningKey).Select(name => new InstalledPackage(name, null))];
    }
}
