using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>Finds in the guest what a bootloader names: its paths start at the root of the file system that it reads, which the guest mounts somewhere else.</summary>
internal static class BootPath
{
    private const int MostLinks = 8;

    /// <summary>The file, with links followed, or <see langword="null"/> where there is none.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="path">As the bootloader has it: <c>/vmlinuz-6.1</c>, <c>($root)/boot/vmlinuz</c>, <c>/@/boot/vmlinuz</c>.</param>
    /// <param name="directory">A directory of the guest that it may be relative to, looked at first.</param>
    public static string? Find(IGuestFiles files, string path, string directory = "/boot")
    {
        var plain = path.StartsWith('(') && path.IndexOf(')') is > 0 and var end ? path[(end + 1)..] : path;
        var parts = plain.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || Array.Exists(parts, part => part is "." or ".."))
            return null;
        var inside = "/" + string.Join('/', parts);

        // btrfs: the first component may be a subvolume that is the guest's root.
        var below = "/" + string.Join('/', parts.Skip(1));
        return new[] { directory + inside, inside, "/boot" + inside, below }.Where(candidate => candidate != "/").FirstOrDefault(files.HasFile) is { } found
            ? Follow(files, found)
            : null;
    }

    /// <summary>The file that a link names, through all links: what a rename would move, and what two entries have in common.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="path">An absolute path.</param>
    public static string Follow(IGuestFiles files, string path)
    {
        for (var links = 0; links < MostLinks && files.ReadLink(path) is { } target; links++)
            path = Normalize(target.StartsWith('/') ? target : $"{path[..path.LastIndexOf('/')]}/{target}");
        return path;
    }

    private static string Normalize(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
                parts.RemoveRange(Math.Max(parts.Count - 1, 0), Math.Min(parts.Count, 1));
            else if (part != ".")
                parts.Add(part);
        }

        return "/" + string.Join('/', parts);
    }
}
