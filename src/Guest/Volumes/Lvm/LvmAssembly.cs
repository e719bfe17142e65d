namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>Finds the groups that some physical volumes make, and maps their volumes.</summary>
internal static class LvmAssembly
{
    /// <summary>The groups, each by its newest text.</summary>
    /// <param name="disks">All physical volumes.</param>
    public static IReadOnlyList<LvmGroup> Groups(IReadOnlyList<LvmDisk> disks)
        => [.. disks.Select(disk => disk.Group).OfType<LvmGroup>()
            .GroupBy(group => group.Id, StringComparer.Ordinal)
            .Select(texts => texts.MaxBy(text => text.SequenceNumber)!)];

    /// <summary>Whether all physical volumes of a group are there.</summary>
    /// <param name="group">The group.</param>
    /// <param name="disks">All physical volumes.</param>
    public static bool IsComplete(LvmGroup group, IReadOnlyList<LvmDisk> disks)
        => group.PhysicalVolumes.Values.All(volume => volume.IsMissing || disks.Any(disk => disk.Id == volume.Id));

    /// <summary>The volumes of a group that users see, mapped or with the reason why not.</summary>
    /// <param name="group">The group.</param>
    /// <param name="disks">All physical volumes.</param>
    /// <param name="isNameUnique">Whether no other group has its name: else the names that go by it are given to none.</param>
    public static IEnumerable<GuestVolume> Volumes(LvmGroup group, IReadOnlyList<LvmDisk> disks, bool isNameUnique)
    {
        var present = disks.GroupBy(disk => disk.Id, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.First().Map, StringComparer.Ordinal);
        var twice = disks.GroupBy(disk => disk.Id, StringComparer.Ordinal)
            .FirstOrDefault(same => same.Count() > 1 && group.PhysicalVolumes.Values.Any(volume => volume.Id == same.Key));
        var reason =
            group.IsExported ? $"its volume group {group.Name} is exported (vgexport): import it in the guest (vgimport {group.Name})"
            : twice is not null ? $"its volume group {group.Name} has a physical volume twice, {string.Join(" and ", twice.Select(disk => disk.Device))}: give only one of them"
            : null;
        var first = disks.First(disk => disk.Group?.Id == group.Id);
        var mapping = new LvmMapping(group, present);
        foreach (var volume in group.LogicalVolumes.Values.Where(mapping.IsShown))
        {
            yield return Describe(group, volume, mapping, reason, first, isNameUnique);
        }
    }

    private static GuestVolume Describe(LvmGroup group, LvmLogicalVolume volume, LvmMapping mapping, string? reason, LvmDisk first, bool isNameUnique)
    {
        VolumeMap? map = null;
        try
        {
            map = reason is null ? mapping.Map(volume.Name) : null;
        }
        catch (VolumeProblem problem)
        {
            reason = problem.Message;
        }

        var mapper = LvmNames.MapperName(group.Name, volume.Name);
        var byId = volume.Id is null ? null : $"/dev/disk/by-id/dm-uuid-LVM-{group.Id}{volume.Id}";
        string[] names = isNameUnique ? [$"/dev/{group.Name}/{volume.Name}", $"/dev/mapper/{mapper}", $"/dev/disk/by-id/dm-name-{mapper}"] : [];
        names = byId is null ? names : [.. names, byId];
        return new GuestVolume
        {
            Device = names.FirstOrDefault() ?? $"/dev/{group.Name}/{volume.Name}",
            Names = names,
            Kind = VolumeKind.Logical,
            Disk = (map ?? first.Map).Disks[0],
            Partition = 0,
            Offset = 0,
            Length = map?.Length ?? Length(group, volume),
            Map = map,
            Problem = reason ?? mapping.Notes.GetValueOrDefault(volume.Name),
        };
    }

    private static long Length(LvmGroup group, LvmLogicalVolume volume)
        => (long)UInt128.Min((UInt128)(volume.Segments[^1].Start + volume.Segments[^1].Extents) * (UInt128)group.ExtentBytes, long.MaxValue);
}
