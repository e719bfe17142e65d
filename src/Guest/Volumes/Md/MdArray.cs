namespace Hyper2Kvm.Guest.Volumes.Md;

/// <summary>The members of one array, and the map that they make.</summary>
internal sealed class MdArray
{
    private const int Raid0OriginalLayout = 1; // RAID0_ORIG_LAYOUT
    private const int Raid0ZonedLayout = 2; // RAID0_ALT_MULTIZONE_LAYOUT

    private readonly IReadOnlyList<MdMember> _members;

    /// <summary>Makes one.</summary>
    /// <param name="members">All that were found of it, stale ones too.</param>
    public MdArray(IReadOnlyList<MdMember> members)
    {
        _members = members;
        Newest = members.MaxBy(member => member.Superblock.Events)!.Superblock;
    }

    /// <summary>The newest of its superblocks: that is in force.</summary>
    public MdSuperblock Newest { get; }

    /// <summary>What is to be told of an array that is mapped all the same: a member that is left out.</summary>
    public string? Note { get; private set; }

    /// <summary>Disks that it lies on.</summary>
    public int FirstDisk => _members.Min(member => member.Map.Disks[0]);

    /// <summary>Its length as far as it is known, bytes.</summary>
    public long Length => Newest.Level switch
    {
        1 => Newest.UsedLength,
        4 or 5 => Rows(Newest.Members - 1),
        6 => Rows(Newest.Members - 2),

        // The low byte counts the near copies, the next the far ones (md(4), RAID10).
        10 => Rows(Newest.Members) / Math.Max(1, (long)(Newest.Layout & 0xFF) * ((Newest.Layout >> 8) & 0xFF)),
        _ => 0,
    };

    /// <summary>Maps it.</summary>
    /// <exception cref="VolumeProblem">It cannot be mapped.</exception>
    public VolumeMap Map()
    {
        if (Newest.Obstacle is { } obstacle)
        {
            throw new VolumeProblem(obstacle);
        }

        try
        {
            var map = Newest.Level switch
            {
                1 => Mirror(),
                0 => Stripes(All()),
                MdSuperblock.LinearLevel => JoinedMap.Join(All().Select(member => member.Data(Whole(member)))),
                var level => throw new VolumeProblem($"RAID {level} is not assembled here: convert it to RAID 1 or to a plain volume in the guest"),
            };
            return map.Depth > VolumeMap.DeepestTree || map.Copies > VolumeMap.MostCopies ? throw new VolumeProblem("it is made of too many volumes in one another")
                : map.Length == 0 ? throw new VolumeProblem("it is empty")
                : map;
        }
        catch (Exception impossible) when (impossible is ArgumentException or OverflowException)
        {
            throw new VolumeProblem("its superblocks contradict the sizes of its members");
        }
    }

    private long Rows(int dataMembers) => (long)Int128.Clamp((Int128)Newest.UsedLength * dataMembers, 0, long.MaxValue);

    /// <summary>
    /// The members that are in force: no more than one event behind, since the members are written one after another (Linux, drivers/md/md.c,
    /// super_1_validate), and active in the newest superblock: one that has just failed is not.
    /// </summary>
    private List<MdMember> InForce()
        => [.. _members
            .Where(member => member.Superblock.Role is { } role && member.Superblock.Events + 1 >= Newest.Events && Newest.ActiveRoles.Contains(role))
            .GroupBy(member => member.Superblock.Role)
            .Select(same => same.Count() == 1 ? same.Single() : throw new VolumeProblem($"{string.Join(" and ", same.Select(member => member.Device))} are the same member: give only one of them"))
            .OrderBy(member => member.Superblock.Role)];

    private VolumeMap Mirror()
    {
        var used = InForce();
        var whole = used.Where(member => !member.Superblock.IsRebuilding).ToList();
        if (whole.Count == 0)
        {
            throw new VolumeProblem("no member of it that is there is whole: give all disks of the guest");
        }

        var stale = _members.Where(member => !used.Contains(member)).Select(member => member.Device).ToList();
        Note = stale.Count > 0 ? $"{string.Join(", ", stale)} left out: stale, failed or a spare"
            : used.Count < Newest.Members ? $"{Newest.Members - used.Count} of its {Newest.Members} members are on none of the disks"
            : null;
        var map = MirroredMap.Make(
            [.. whole.Select(member => member.Data(Newest.UsedLength))],
            [.. used.Except(whole).Select(member => member.Data(Newest.UsedLength))],
            Newest.UsedLength);
        return NotGiven() is { Count: > 0 } missing
            ? new UnwritableMap(map, $"its {(missing.Count == 1 ? "member" : "members")} {string.Join(", ", missing)} (counted from 0) {(missing.Count == 1 ? "is" : "are")} in force and on none of the disks: give all disks of the guest")
            : map;
    }

    /// <summary>
    /// The places of members that are in force and were not given. They would not know that they are stale after a write to the others: the array would come up with both,
    /// and give now the old and now the new.
    /// </summary>
    private List<int> NotGiven() => [.. Newest.ActiveRoles.Except(_members.Select(member => member.Superblock.Role).OfType<int>()).Order()];

    /// <summary>All members: without one of them there is no array.</summary>
    private List<MdMember> All()
    {
        var used = InForce();
        return used.Count == Newest.Members ? used
            : throw new VolumeProblem($"{Newest.Members - used.Count} of its {Newest.Members} members are on none of the disks: give all disks of the guest");
    }

    /// <summary>What counts of a member without redundancy: whole chunks.</summary>
    private long Whole(MdMember member) => Newest.ChunkBytes > 0 ? member.Superblock.DataLength / Newest.ChunkBytes * Newest.ChunkBytes : member.Superblock.DataLength;

    /// <summary>
    /// Members of one size make one zone. Where some are longer, these alone make the next zone; in which order depends on the layout: by the chunk's number in
    /// the array (as Linux did at first), or in the zone (since 3.14) (Linux, drivers/md/raid0.c: create_strip_zones, raid0_make_request).
    /// </summary>
    private VolumeMap Stripes(List<MdMember> members)
    {
        var zones = members.Select(Whole).Where(length => length > 0).Distinct().Order().ToList();
        if (zones.Count > 1 && Newest.Layout is not (Raid0OriginalLayout or Raid0ZonedLayout))
        {
            throw new VolumeProblem("its members differ in size and no superblock says in which order their chunks are: start it once under Linux 5.4 or newer, which notes it");
        }

        var parts = new List<VolumeMap>();
        long start = 0;
        long chunksBefore = 0;
        foreach (var end in zones)
        {
            var legs = members.Where(member => Whole(member) >= end).Select(member => member.Data(Whole(member)).Slice(start, end - start)).ToList();
            var turn = Newest.Layout == Raid0OriginalLayout ? (int)(chunksBefore % legs.Count) : 0;
            parts.Add(StripedMap.Make([.. legs.Skip(turn), .. legs.Take(turn)], Newest.ChunkBytes, checked((end - start) * legs.Count)));
            chunksBefore += (end - start) / Newest.ChunkBytes * legs.Count;
            start = end;
        }

        return JoinedMap.Join(parts);
    }
}
