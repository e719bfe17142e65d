namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>One installed package.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version, as the package manager writes it: <c>1:2.6-3</c>; <see langword="null"/> where the database has none.</param>
/// <param name="Architecture">As the package manager writes it; <see langword="null"/> where the database was not asked.</param>
public sealed record InstalledPackage(string Name, string? Version, string? Architecture = null);

/// <summary>What package databases of a system say.</summary>
/// <param name="Format"><c>dpkg</c>, <c>rpm-sqlite</c>, <c>rpm-ndb</c>, <c>rpm-bdb</c>, <c>apk</c>, <c>pacman</c>; <see langword="null"/> where there is none.</param>
/// <param name="Manager">The program that a person would use: <c>apt</c>, <c>dnf</c>, <c>yum</c>, <c>zypper</c>, <c>apk</c>, <c>pacman</c>.</param>
/// <param name="Packages">The packages by name; <see langword="null"/> where the database is damaged.</param>
public sealed record PackageInventory(string? Format, string? Manager, IReadOnlyList<InstalledPackage>? Packages)
{
    private const long LargestDatabase = 64 * 1024 * 1024;

    private static readonly string[] RpmDirectories = ["/usr/lib/sysimage/rpm", "/var/lib/rpm"];
    /// <summary>rpm's databases, the newest first: a system that was upgraded may keep the old one.</summary>
    private static readonly (string File, string Format, Func<Stream, IEnumerable<Func<int, ReadOnlyMemory<byte>>>> Headers)[] RpmDatabases =
    [
        ("rpmdb.sqlite", "rpm-sqlite", RpmSqlite.Headers),
        ("Packages.db", "rpm-ndb", RpmNdb.Headers),
        ("Packages", "rpm-bdb", RpmBerkeley.Headers),
    ];

    private static readonly string[] RpmManagers = ["zypper", "dnf", "yum"];

    /// <summary>Reads them. No program of the guest is run, and what cannot be read is no failure.</summary>
    /// <param name="files">The system, its <c>/usr</c> and <c>/var</c> in their places.</param>
    public static PackageInventory Read(IGuestFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return Has(files, "/var/lib/dpkg/status") ? new("dpkg", "apt", Sorted(() => DpkgStatus.Parse(files.Read("/var/lib/dpkg/status", LargestDatabase))))
            : Has(files, "/lib/apk/db/installed") ? new("apk", "apk", Sorted(() => ApkDatabase.Parse(files.Read("/lib/apk/db/installed", LargestDatabase))))
            : PacmanDirectory.Exists(files) ? new("pacman", "pacman", Sorted(() => PacmanDirectory.Read(files)))
            : Rpm(files);
    }

    private static PackageInventory Rpm(IGuestFiles files)
    {
        var manager = RpmManagers.FirstOrDefault(name => Has(files, $"/usr/bin/{name}"));
        foreach (var directory in RpmDirectories)
        {
            if (Array.Find(RpmDatabases, database => Has(files, $"{directory}/{database.File}")) is ({ } file, var format, var headers))
            {
                return new(format, manager, Sorted(() => RpmDatabase.Read(files, $"{directory}/{file}", headers)));
            }
        }

        return new(null, manager, null);
    }

    private static List<InstalledPackage>? Sorted(Func<IEnumerable<InstalledPackage>> read)
    {
        try
        {
            return [.. read().OrderBy(package => package.Name, StringComparer.Ordinal)];
        }
        catch (Exception unusable) when (unusable is GuestFileException or InvalidDataException)
        {
            return null;
        }
    }

    private static bool Has(IGuestFiles files, string path)
    {
        try
        {
            return files.Status(path)?.Kind == GuestFileKind.File;
        }
        catch (GuestFileException)
        {
            return false;
        }
    }
}
