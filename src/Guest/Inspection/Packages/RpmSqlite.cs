namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>rpm's database in SQLite, <c>rpmdb.sqlite</c> of Red Hat since 9 (rpm, lib/backend/sqlite.c): a table of numbers and packages' headers.</summary>
/// <remarks>What rpm left in a write-ahead log, because the guest was cut off, is not seen.</remarks>
internal static class RpmSqlite
{
    private const int HeaderColumn = 1;

    /// <summary>The packages' headers: each gives bytes of its start, see <see cref="RpmHeader.Read"/>.</summary>
    /// <param name="database">The file, which can be seeked in.</param>
    /// <exception cref="InvalidDataException">It is no such database, or damaged.</exception>
    public static IEnumerable<Func<int, ReadOnlyMemory<byte>>> Headers(Stream database)
        => SqliteTable.Rows(database, "Packages").Select(row => (Func<int, ReadOnlyMemory<byte>>)(count => row.Bytes(HeaderColumn, count)));
}
