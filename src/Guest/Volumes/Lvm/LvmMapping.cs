namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>Maps the logical volumes of a group.</summary>
/// <param name="group">The group.</param>
/// <param name="present">What is there of its physical volumes, by identifier.</param>
internal sealed class LvmMapping(LvmGroup group, IReadOnlyDictionary<string, VolumeMap> present)
{
    private readonly Dictionary<string, VolumeMap> _mapped = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VolumeProblem> _refused = new(StringComparer.Ordinal);
    private readonly HashSet<string> _underway = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _snapshots = Snapshots(group);

    /// <summary>What is to be told of a volume that is mapped all the same: a copy that is left out.</summary>
    public Dictionary<string, string> Notes { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether users see a volume. A snapshot goes by the name of the hidden volume with its changes; the visible one that only describes it has no name.</summary>
    public bool IsShown(LvmLogicalVolume volume)
        => _snapshots.ContainsKey(volume.Name) || (volume.IsVisible && volume.Segments.Any(segment => segment.Type != "snapshot"));

    /// <summary>Maps a volume.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="VolumeProblem">It cannot be mapped.</exception>
    public VolumeMap Map(string name)
    {
        if (_mapped.TryGetValue(name, out var map))
        {
            return map;
        }

        if (_refused.TryGetValue(name, out var reason))
        {
            throw new VolumeProblem(reason.Message, reason.IsNotGiven);
        }

        try
        {
            return _mapped[name] = MapAnew(name);
        }
        catch (Exception failure) when (failure is VolumeProblem or OverflowException or ArgumentException)
        {
            _refused[name] = failure as VolumeProblem ?? new VolumeProblem($"the description of {name} is damaged");
            throw _refused[name];
        }
    }

    private VolumeMap MapAnew(string name)
    {
        if (_snapshots.TryGetValue(name, out var origin))
        {
            throw new VolumeProblem($"a snapshot of {origin}: snapshots are not opened; merge it (lvconvert --merge) or remove it in the guest to have its content");
        }

        if (!group.LogicalVolumes.TryGetValue(name, out var volume))
        {
            throw new VolumeProblem($"it lies on a volume {name} that the group does not have");
        }

        if (_underway.Count >= VolumeMap.DeepestTree || !_underway.Add(name))
        {
            throw new VolumeProblem($"the description of {name} leads back to itself, or lies on too many others");
        }

        try
        {
            var map = JoinedMap.Join(volume.Segments.Select(segment => Segment(name, segment)));
            if (_snapshots.FirstOrDefault(snapshot => snapshot.Value == name).Key is { } snapshot)
            {
                // Who writes to an origin behind the kernel's back does not save the old blocks for its snapshots.
                Notes[name] = $"its snapshot {snapshot} is of no more use once this volume is changed: remove it in the converted guest";
            }

            return map.Depth <= VolumeMap.DeepestTree && map.Copies <= VolumeMap.MostCopies ? map : throw new VolumeProblem($"{name} is made of too many volumes in one another");
        }
        finally
        {
            _underway.Remove(name);
        }
    }

    private VolumeMap Segment(string name, LvmSegment segment)
    {
        var length = checked(segment.Extents * group.ExtentBytes);
        return segment.Type switch
        {
            "striped" or "linear" when segment.Areas.Count > 0 => Striped(segment, length),
            "raid0" or "raid0_meta" when segment.Areas.Count > 0 => Striped(segment, length),
            "mirror" when segment.Areas.Count > 0 => Mirror(name, segment, length),
            "raid1" when segment.Areas.Count > 0 => LvmRaid1.Map(name, segment, length, this),
            "thin" => throw new VolumeProblem("a thin volume: thin volumes are not opened; copy it to a plain volume in the guest"),
            "thin-pool" => throw new VolumeProblem("a pool of thin volumes: holds no file system itself"),
            "cache" or "writecache" => throw new VolumeProblem($"a cached volume: uncache it in the guest (lvconvert --uncache {group.Name}/{name}), so that all of it is in one place"),
            "cache-pool" => throw new VolumeProblem("a pool of a cache: holds no file system itself"),
            _ when segment.Type.StartsWith("raid", StringComparison.Ordinal) => throw new VolumeProblem($"of type {segment.Type}, which is not opened: only raid0 and raid1 are; copy it to a linear volume in the guest, or convert it to one (lvmraid(7), \"RAID Takeover\")"),
            _ => throw new VolumeProblem($"of type {segment.Type}, which is not opened"),
        };
    }

    private VolumeMap Striped(LvmSegment segment, long length)
    {
        var share = length / segment.Areas.Count;
        if (segment.Areas.Count > 1 && (length % segment.Areas.Count != 0 || segment.StripeSectors <= 0))
        {
            throw new VolumeProblem("its stripes are not of one size");
        }

        var legs = segment.Areas.Select(area => Area(area, share)).ToList();
        return legs.Count == 1 ? legs[0] : StripedMap.Make(legs, checked(segment.StripeSectors * LvmPhysicalVolume.SectorBytes), length);
    }

    /// <summary>The kind of mirror before RAID: the first copy is always good, the others where its log says so (dm-mirror; lvmraid(7), lvm(8)).</summary>
    private VolumeMap Mirror(string name, LvmSegment segment, long length)
    {
        var legs = new List<VolumeMap> { Area(segment.Areas[0], length) };
        string? notGiven = null;
        foreach (var area in segment.Areas.Skip(1))
        {
            if (TryArea(area, length, out var problem) is { } leg)
            {
                legs.Add(leg);
            }
            else
            {
                Notes[name] = $"one of its copies is left out: {problem!.Message}";
                notGiven ??= problem.IsNotGiven ? problem.Message : null;
            }
        }

        var map = MirroredMap.Make(legs, [], length);
        return notGiven is null ? map : LvmRaid1.Unwritable(map, notGiven);
    }

    /// <summary>A part of a physical or of another logical volume.</summary>
    /// <param name="area">Where it begins.</param>
    /// <param name="length">Its length, bytes.</param>
    /// <exception cref="VolumeProblem">It is not there.</exception>
    internal VolumeMap Area(LvmArea area, long length)
    {
        var start = checked(area.Extent * group.ExtentBytes);
        if (!group.PhysicalVolumes.TryGetValue(area.Volume, out var physical))
        {
            var below = Map(area.Volume);
            return start <= below.Length && length <= below.Length - start ? below.Slice(start, length)
                : throw new VolumeProblem($"it lies beyond the end of {area.Volume}");
        }

        if (physical.IsMissing || !present.TryGetValue(physical.Id, out var disk))
        {
            throw physical.IsMissing
                ? new VolumeProblem($"it lies on a physical volume that the group lost ({area.Volume}, UUID {LvmNames.Dashed(physical.Id)})")
                : new VolumeProblem($"it lies on a physical volume that is on none of the disks ({area.Volume}, UUID {LvmNames.Dashed(physical.Id)}): give all disks of the guest", isNotGiven: true);
        }

        start = checked(start + (physical.StartSectors * LvmPhysicalVolume.SectorBytes));
        return start <= disk.Length && length <= disk.Length - start ? disk.Slice(start, length)
            : throw new VolumeProblem($"it lies beyond the end of the physical volume {area.Volume}");
    }

    /// <summary>The same, or why not.</summary>
    internal VolumeMap? TryArea(LvmArea area, long length, out VolumeProblem? problem)
    {
        try
        {
            problem = null;
            return Area(area, length);
        }
        catch (VolumeProblem refused)
        {
            problem = refused;
            return null;
        }
    }

    /// <summary>The volumes that are snapshots, with what they were taken of. An origin that is being merged into is no longer what lies in its extents.</summary>
    private static Dictionary<string, string> Snapshots(LvmGroup group)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var segment in group.LogicalVolumes.Values.SelectMany(volume => volume.Segments))
        {
            if (segment is { Type: "snapshot", Origin: { } origin, ChangesVolume: { } changes })
            {
                found[changes] = origin;
                if (segment.IsMerging)
                {
                    found[origin] = $"{origin}, of which a snapshot is being merged back";
                }
            }
        }

        return found;
    }
}
