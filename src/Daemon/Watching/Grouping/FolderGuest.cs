namespace Hyper2Kvm.Daemon.Watching.Grouping;

/// <summary>A folder in the watch folder: always one guest.</summary>
internal static class FolderGuest
{
    /// <summary>Kinds of descriptions: where a guest has several, the first of these counts.</summary>
    private static readonly string[] Preference = [".vmx", ".vbox", ".vmcx", ".xml", ".ovf", ".ova"];

    /// <summary>The guest that it is.</summary>
    /// <param name="folder">The folder with its files.</param>
    public static Candidate Of(FolderEntry folder)
    {
        var groups = FileGroups.Find(new FileSet(folder.Files));
        var guests = groups.Where(group => group.IsGuest).ToLookup(group => Path.GetExtension(group.Root.Name).ToLowerInvariant());
        var chosen = Preference.Select(kind => guests[kind].ToList()).FirstOrDefault(kind => kind.Count > 0) ?? [];
        var guest = chosen switch
        {
            [] => Undescribed(folder, groups, null),
            [{ Root.Description.LeavesDisksOpen: true } open] => Undescribed(folder, groups, open),
            [var one] => Describe(folder, one.Root, one.Disks, one.Problem),
            [var one, var two, ..] => Describe(folder, one.Root, [], $"{folder.Name} holds {chosen.Count} guests ({one.Root.Name}, {two.Root.Name} …), and a folder is one: bring each in a folder of its own"),
        };
        return guest with { Problem = folder.Problem ?? guest.Problem };
    }

    /// <summary>No description says what its disks are: they are all that nobody names, in natural order.</summary>
    private static Candidate Undescribed(FolderEntry folder, IReadOnlyList<FileGroup> groups, FileGroup? machine)
    {
        var disks = FileGroups.TellShared([.. groups.Where(group => !group.IsGuest)]).OrderBy(group => group.Root.Name, NaturalOrder.Instance).ToList();
        var problem = disks.Count == 0 ? $"{folder.Name} holds no disk and no description of a guest: bring its files, or remove it" : disks.Select(disk => disk.Problem).FirstOrDefault(reason => reason is not null);
        var root = machine?.Root ?? disks.FirstOrDefault()?.Root;
        return Describe(folder, root, [.. disks.SelectMany(disk => disk.Disks)], problem) with { NeedsQuiet = true };
    }

    private static Candidate Describe(FolderEntry folder, SeenFile? root, IReadOnlyList<SeenFile> disks, string? problem) => new()
    {
        Name = folder.Name,
        FileType = Path.GetExtension(root?.Name ?? "").ToLowerInvariant().TrimStart('.'),
        Entries = [folder.Name],
        Sources = disks,
        Files = folder.Files,
        Problem = problem,
    };
}
