using Hyper2Kvm.Daemon.Watching.Grouping.Formats;

namespace Hyper2Kvm.Daemon.Watching.Grouping;

/// <summary>Puts the files of a set together by what they name.</summary>
internal static class FileGroups
{
    /// <summary>All groups. Each file that can be a source is in one at least; one that two name is in both.</summary>
    /// <param name="set">The files.</param>
    public static IReadOnlyList<FileGroup> Find(FileSet set)
    {
        var named = new HashSet<SeenFile>();
        foreach (var file in set.Files)
        {
            named.UnionWith(file.Description.References.Select(reference => set.Find(file, reference, out _)).OfType<SeenFile>());
        }

        var groups = set.Files.Where(file => !named.Contains(file) && CanStandAlone(file)).Select(file => Follow(set, file)).ToList();
        groups.AddRange(Orphans(set, named));
        groups.AddRange(Circles(set, groups));
        return groups;
    }

    /// <summary>The same groups; those that share a file say so, for nothing tells whose it is.</summary>
    /// <param name="groups">All groups of a set.</param>
    public static IReadOnlyList<FileGroup> TellShared(IReadOnlyList<FileGroup> groups)
    {
        var owners = groups.SelectMany(group => group.Files.Select(file => (file, group))).ToLookup(pair => pair.file, pair => pair.group);
        return [.. groups.Select(group => group.Files.Select(file => (File: file, Other: owners[file].FirstOrDefault(owner => owner != group))).FirstOrDefault(pair => pair.Other is not null) is { Other: { } other } shared
            ? group with { Problem = group.Problem ?? $"{group.Root.Name} and {other.Root.Name} both need {shared.File.Name}, so nothing says which is the guest: leave the one that is to be converted, or bring the guest in a folder with its description" }
            : group)];
    }

    private static bool CanStandAlone(SeenFile file)
        => (file.Type.Role == FileRole.Disk && !file.Description.IsExtent) || file.Type.Role == FileRole.Appliance || Descriptions.DescribesGuest(file);

    private static FileGroup Follow(FileSet set, SeenFile root)
    {
        var files = new HashSet<SeenFile> { root };
        var disks = new List<SeenFile>();
        var ahead = new Queue<SeenFile>([root]);
        string? problem = null;
        while (ahead.TryDequeue(out var file))
        {
            problem ??= file.Description.Problem;
            foreach (var reference in file.Description.References)
            {
                if (set.Find(file, reference, out var missing) is not { } found)
                {
                    problem ??= reference.Role == ReferenceRole.Optional ? null : missing;
                    continue;
                }

                if (reference.Role == ReferenceRole.Disk)
                {
                    disks.Add(found);
                }

                if (files.Add(found))
                {
                    ahead.Enqueue(found);
                }
            }
        }

        var describes = Descriptions.DescribesGuest(root);
        if (describes && disks.Count == 0 && !root.Description.LeavesDisksOpen)
        {
            problem ??= $"{root.Name} names no disk: a guest without one cannot be converted";
        }

        return new FileGroup { Root = root, Disks = describes ? disks : [root], Files = [.. files], Problem = problem };
    }

    /// <summary>Extents whose descriptor is not there, one group for each disk.</summary>
    private static IEnumerable<FileGroup> Orphans(FileSet set, HashSet<SeenFile> named)
        => set.Files.Where(file => file.Type.Role == FileRole.Disk && file.Description.IsExtent && !named.Contains(file))
            .GroupBy(file => VmdkDescription.DiskOfExtent(file.Name) ?? Path.ChangeExtension(file.Name, null))
            .Select(extents => extents.OrderBy(file => file.Name, NaturalOrder.Instance).ToList() is var files ? new FileGroup
            {
                Root = files[0],
                Disks = [],
                Files = files,
                Problem = $"{files[0].Name}{(files.Count > 1 ? " and its like" : "")} is an extent of a disk, and no descriptor names it: bring the descriptor too (the small {extents.Key}.vmdk), or remove the extent",
            } : throw new InvalidOperationException());

    /// <summary>Disks that name one another in a circle, so that each is named and none leads to them.</summary>
    private static List<FileGroup> Circles(FileSet set, List<FileGroup> groups)
    {
        var reached = groups.SelectMany(group => group.Files).ToHashSet();
        var circles = new List<FileGroup>();
        foreach (var file in set.Files.Where(CanStandAlone).OrderBy(file => file.Name, StringComparer.Ordinal).Where(file => !reached.Contains(file)))
        {
            var circle = Follow(set, file);
            reached.UnionWith(circle.Files);
            circles.Add(circle with { Problem = $"{file.Name} is named as a part of itself, directly or through others: bring the disk again" });
        }

        return circles;
    }
}
