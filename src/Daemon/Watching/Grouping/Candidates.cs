namespace Hyper2Kvm.Daemon.Watching.Grouping;

/// <summary>Which guests the entries of the watch folder are.</summary>
internal static class Candidates
{
    /// <summary>Finds them.</summary>
    /// <param name="entries">All entries of the watch folder that are not ignored, nor taken.</param>
    public static IReadOnlyList<Candidate> Find(IReadOnlyCollection<FolderEntry> entries)
    {
        var loose = entries.Where(entry => !entry.IsDirectory).SelectMany(entry => entry.Files).ToList();
        var candidates = LooseGuests.Find(new FileSet(loose.Where(file => file.Type.Role != FileRole.SideFile)))
            .Concat(entries.Where(entry => entry.IsDirectory).Select(FolderGuest.Of));
        return WithSideFiles(candidates, loose.Where(file => file.Type.Role == FileRole.SideFile));
    }

    private static List<Candidate> WithSideFiles(IEnumerable<Candidate> candidates, IEnumerable<SeenFile> sideFiles)
    {
        var all = candidates.ToList();
        var byName = sideFiles.ToDictionary(file => file.Name, StringComparer.Ordinal);
        var named = all.CountBy(candidate => candidate.Name).ToDictionary();
        return byName.Count == 0 ? all : [.. all.Select(candidate => byName.TryGetValue(FileTypes.SideFileOf(candidate.Name), out var side)
            ? candidate with
            {
                Entries = [.. candidate.Entries, side.Name],
                Files = [.. candidate.Files, side],
                Problem = candidate.Problem ?? (named[candidate.Name] == 1 ? null : $"{side.Name} fits {named[candidate.Name]} guests of that name: give each a name of its own"),
            }
            : candidate)];
    }
}
