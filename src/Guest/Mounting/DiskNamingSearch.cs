namespace Hyper2Kvm.Guest.Mounting;

/// <summary>Finds the order in which the guest itself counts its disks, by what its fstab calls them. Pure.</summary>
/// <remarks>
/// The root is known: it is the volume that holds this fstab. So a line that puts a device name on <c>/</c> tells which place that disk has; a
/// line that puts the root's name elsewhere, a name of a partition that the disk lacks, or another file system type tell that an order is wrong.
/// The order that fits the lines best is taken; of equals, the one as given.
/// </remarks>
internal static class DiskNamingSearch
{
    /// <summary>Disks up to which every order is tried; beyond, only those that move the root's disk.</summary>
    private const int MostDisksPermuted = 4;

    /// <summary>Places beyond those of the given disks that are tried, for disks that were left out.</summary>
    private const int MostPlacesLeftOut = 2;

    /// <summary>A line that cannot be true: worth more than any number of lines that are merely stale would be in a usual fstab.</summary>
    private const int Impossible = 8;

    /// <summary>A line whose volume is not there: a stale line, or a disk that was left out.</summary>
    private const int Unresolved = 1;

    /// <summary>Finds it.</summary>
    /// <param name="root">The volume that holds the fstab.</param>
    /// <param name="fstab">The fstab.</param>
    /// <param name="volumes">All volumes of the guest.</param>
    public static DiskNaming Find(GuestVolume root, IReadOnlyList<FstabEntry> fstab, IReadOnlyList<GuestVolume> volumes)
    {
        var names = fstab.Select(entry => (Entry: entry, Place: DeviceSpec.PlaceOf(entry.Spec)))
            .Where(line => line.Place is not null)
            .Select(line => (line.Entry, Place: line.Place!.Value))
            .ToList();
        var disks = volumes.Select(volume => volume.Disk).Append(root.Disk).Max() + 1;
        if (names.Count == 0)
        {
            return DiskNaming.AsGiven;
        }

        var best = Orders(disks, names.Max(line => line.Place.Disk), root, names.Where(line => line.Entry.MountPoint == "/").Select(line => line.Place.Disk))
            .Select(order => new DiskNaming(order))
            .MinBy(order => names.Sum(line => Cost(line.Entry, line.Place, order, root, volumes)))!;
        return best.IsAsGiven ? DiskNaming.AsGiven : best;
    }

    /// <summary>The orders to try, that as given first; an order tells each disk its place.</summary>
    private static IEnumerable<int[]> Orders(int disks, int largestPlace, GuestVolume root, IEnumerable<int> rootPlaces)
    {
        int[] asGiven = [.. Enumerable.Range(0, disks)];
        return disks <= MostDisksPermuted
            ? Choose([], disks, Math.Max(disks, Math.Min(largestPlace + 1, disks + MostPlacesLeftOut)))
            : rootPlaces.Prepend(0).Distinct().Select(place => WithRootAt(asGiven, root.Disk, place)).Prepend(asGiven);
    }

    private static IEnumerable<int[]> Choose(int[] chosen, int disks, int places)
        => chosen.Length == disks
            ? [chosen]
            : Enumerable.Range(0, places).Where(place => !chosen.Contains(place)).SelectMany(place => Choose([.. chosen, place], disks, places));

    /// <summary>The root's disk gets a place; the others keep their order in those that are left.</summary>
    private static int[] WithRootAt(int[] asGiven, int rootDisk, int place)
    {
        var left = new Queue<int>(Enumerable.Range(0, asGiven.Length + 1).Where(other => other != place));
        return [.. asGiven.Select(disk => disk == rootDisk ? place : left.Dequeue())];
    }

    private static int Cost(FstabEntry entry, (int Disk, int Partition) place, DiskNaming order, GuestVolume root, IReadOnlyList<GuestVolume> volumes)
    {
        var disk = order.DiskAt(place.Disk);
        var volume = volumes.FirstOrDefault(volume => volume.Kind == VolumeKind.Plain && volume.Disk == disk && volume.Partition == place.Partition);
        if (entry.MountPoint == "/")
        {
            return volume == root ? 0 : Impossible;
        }

        // Subvolumes of one btrfs are mounted in several places, anything else once.
        return volume is null ? Unresolved
            : (volume == root && volume.Content != "btrfs") || !HasType(volume, entry.Type) ? Impossible
            : 0;
    }

    private static bool HasType(GuestVolume volume, string type)
        => volume.Content is null || type is "auto" or "none" || type.Split(',').Any(one => Family(one) == Family(volume.Content));

    /// <summary>A line may say ext3 of what became ext4.</summary>
    private static string Family(string type) => type is "ext2" or "ext3" or "ext4" ? "ext" : type;
}
