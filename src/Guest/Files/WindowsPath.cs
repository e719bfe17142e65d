namespace Hyper2Kvm.Guest.Files;

/// <summary>Looks up paths as Windows does: letters of either case are the same. What mounts NTFS here tells them apart.</summary>
public static class WindowsPath
{
    /// <summary>A path as the guest spells it, or <see langword="null"/> where nothing is.</summary>
    /// <param name="files">The guest's volume.</param>
    /// <param name="path">Path on it, with slashes of either kind, without a drive letter.</param>
    /// <exception cref="GuestFileException">A directory on the way cannot be read.</exception>
    public static string? Find(IGuestFiles files, string path)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(path);
        var found = string.Empty;
        foreach (var part in path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries))
        {
            // A name as it is asked for goes before others: POSIX programs can have made both.
            var name = files.Status($"{found}/{part}") is not null ? part
                : files.Status(found.Length == 0 ? "/" : found)?.Kind != GuestFileKind.Directory ? null
                : files.List(found.Length == 0 ? "/" : found).FirstOrDefault(name => string.Equals(name, part, StringComparison.OrdinalIgnoreCase));
            if (name is null)
            {
                return null;
            }

            found = $"{found}/{name}";
        }

        return found.Length == 0 ? "/" : found;
    }
}
