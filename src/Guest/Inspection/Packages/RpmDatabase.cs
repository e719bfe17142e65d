namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>The packages of one of rpm's databases, whichever keeps their headers.</summary>
internal static class RpmDatabase
{
    private const long LargestDatabase = 512L * 1024 * 1024;
    private const int MostPackages = 100_000;

    /// <summary>Reads it.</summary>
    /// <param name="files">The system.</param>
    /// <param name="path">The database.</param>
    /// <param name="headers">Finds the headers in it.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static IEnumerable<InstalledPackage> Read(IGuestFiles files, string path, Func<Stream, IEnumerable<Func<int, ReadOnlyMemory<byte>>>> headers)
    {
        using var stream = files.OpenRead(path);
        return stream.Length <= LargestDatabase ? Read(stream, headers) : throw new InvalidDataException($"{path} is larger than such a database is");
    }

    /// <summary>Reads one that is open.</summary>
    /// <param name="database">The file, which can be seeked in.</param>
    /// <param name="headers">Finds the headers in it.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static IReadOnlyList<InstalledPackage> Read(Stream database, Func<Stream, IEnumerable<Func<int, ReadOnlyMemory<byte>>>> headers)
    {
        var packages = new List<InstalledPackage>();
        var (found, left) = (0, LargestDatabase);
        foreach (var header in headers(database))
        {
            // A database can claim the same bytes for many packages.
            if (++found > MostPackages)
            {
                throw new InvalidDataException("a database with more packages than a system has");
            }

            var package = RpmHeader.Read(count =>
            {
                var bytes = header(count);
                left -= bytes.Length;
                return left >= 0 ? bytes : throw new InvalidDataException("a database whose packages are larger than itself");
            });
            if (package is not null)
            {
                packages.Add(package);
            }
        }

        return packages;
    }
}
