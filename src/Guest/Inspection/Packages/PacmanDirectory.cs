namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>Arch's /var/lib/pacman/local: a directory <c>NAME-VERSION-RELEASE</c> for each package (alpm, lib/libalpm/be_local.c).</summary>
internal static class PacmanDirectory
{
    private const string Directory = "/var/lib/pacman/local";

    /// <summary>Whether it is there.</summary>
    /// <param name="files">The system.</param>
    public static bool Exists(IGuestFiles files)
    {
        try
        {
            return files.Status(Directory)?.Kind == GuestFileKind.Directory;
        }
        catch (GuestFileException)
        {
            return false;
        }
    }

    /// <summary>The packages.</summary>
    /// <param name="files">The system.</param>
    public static IEnumerable<InstalledPackage> Read(IGuestFiles files)
    {
        foreach (var entry in files.List(Directory))
        {
            var release = entry.LastIndexOf('-');
            var version = release > 0 ? entry.LastIndexOf('-', release - 1) : -1;
            if (version > 0)
            {
                yield return new InstalledPackage(entry[..version], entry[(version + 1)..]);
            }
        }
    }
}
