using System.Text.RegularExpressions;

namespace Hyper2Kvm.Daemon.Watching.Grouping;

/// <summary>Guests whose files lie directly in the watch folder.</summary>
internal static partial class LooseGuests
{
    /// <summary>Finds them.</summary>
    /// <param name="set">Files of the watch folder itself.</param>
    public static IEnumerable<Candidate> Find(FileSet set)
    {
        var groups = FileGroups.TellShared(FileGroups.Find(set));

        // What cannot be read yet cannot name its disks yet.
        var unread = groups.Where(group => group.IsGuest && group.Root.Description.Problem is not null).ToList();
        return groups.Select(group => Describe(set, group, unread));
    }

    private static Candidate Describe(FileSet set, FileGroup group, List<FileGroup> unread)
    {
        var root = group.Root.Name;
        var description = group.IsGuest ? null : unread.Find(guest => root.StartsWith(Path.GetFileNameWithoutExtension(guest.Root.Name), StringComparison.Ordinal))?.Root;
        var numbered = group.IsGuest ? Match.Empty : NumberedDisk().Match(root);
        return new Candidate
        {
            Name = Path.GetFileNameWithoutExtension(root),
            FileType = Path.GetExtension(root).ToLowerInvariant().TrimStart('.'),
            Entries = [.. group.Files.Select(file => file.Name)],
            Sources = group.Disks,
            Files = group.Files,
            Neighbours = numbered.Success ? [.. set.Files.Where(file => file.Name.StartsWith(numbered.Groups["guest"].Value + '-', StringComparison.Ordinal) && !group.Files.Contains(file))] : [],
            NeedsQuiet = numbered.Success,
            Problem = group.Root.Description.LeavesDisksOpen ? $"{root} is a part of an export of Hyper-V: bring the whole folder of the export, as one folder"
                : group.Problem ?? (description is null ? null : $"{root} may belong to {description.Name}, which cannot be read: bring that again, or remove it"),
        };
    }

    /// <summary>How exports of OVF call their disks, which come before the description that names them.</summary>
    [GeneratedRegex("^(?<guest>.+)-disk-?[0-9]+\\.(vmdk|vhdx?|vdi|img|qcow2)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex NumberedDisk();
}
