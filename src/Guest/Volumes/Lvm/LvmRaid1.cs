using System.Buffers.Binary;

namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>Maps a RAID 1 segment: which of its copies are whole, each of them says in a small volume of its own.</summary>
/// <remarks>The superblock: Linux, drivers/md/dm-raid.c, struct dm_raid_superblock, version 1.x, little-endian.</remarks>
internal static class LvmRaid1
{
    private const int SuperblockBytes = 512;
    private const uint Magic = 0x64526D44; // "DmRd"
    private const int MostFailedKnown = 64;
    private const ulong Whole = ulong.MaxValue;

    /// <summary>Maps it.</summary>
    /// <param name="name">The volume, for messages.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="length">Its length, bytes.</param>
    /// <param name="mapping">Maps its parts.</param>
    /// <exception cref="VolumeProblem">No copy can be used.</exception>
    public static VolumeMap Map(string name, LvmSegment segment, long length, LvmMapping mapping)
    {
        var copies = new List<(int Place, VolumeMap Data, Superblock? State)>();
        VolumeProblem? missing = null;
        var notGiven = new List<(int Place, string Reason)>();
        for (var place = 0; place < segment.Areas.Count; place++)
        {
            if (mapping.TryArea(segment.Areas[place], length, out var problem) is { } data)
            {
                copies.Add((place, data, place < segment.MetadataVolumes.Count ? Read(segment.MetadataVolumes[place], mapping) : null));
            }
            else
            {
                missing = problem;
                notGiven.AddRange(problem!.IsNotGiven ? [(place, problem.Message)] : []);
            }
        }

        if (copies.Count == 0)
        {
            throw missing ?? new VolumeProblem("it has no copy");
        }

        // Without any superblock it was never started: then the first copy is copied over the others.
        var newest = copies.Select(copy => copy.State).OfType<Superblock>().MaxBy(state => state.Events);
        var used = newest is null ? copies : copies.Where(copy => IsMember(copy.Place, copy.State, newest)).ToList();
        if (used.Count < segment.Areas.Count)
        {
            mapping.Notes[name] = $"{segment.Areas.Count - used.Count} of its {segment.Areas.Count} copies {(segment.Areas.Count - used.Count == 1 ? "is" : "are")} left out: {missing?.Message ?? "stale"}";
        }

        var whole = used.Where(copy => newest is null || copy.State!.RecoveredTo == Whole).Select(copy => copy.Data).ToList();
        if (whole.Count == 0)
        {
            throw new VolumeProblem("none of its copies that are there is whole: give all disks of the guest");
        }

        var map = MirroredMap.Make(whole, [.. used.Select(copy => copy.Data).Where(data => !whole.Contains(data))], length);
        return notGiven.Find(copy => newest is null || !HasFailed(copy.Place, newest)).Reason is { } refusal ? Unwritable(map, refusal) : map;
    }

    /// <summary>A mirror without a copy that is in force and was not given: that would not know that it is stale after a write to the others.</summary>
    /// <param name="map">The copies that are there.</param>
    /// <param name="reason">Which is missing.</param>
    public static VolumeMap Unwritable(VolumeMap map, string reason) => new UnwritableMap(map, $"a copy of it is in force and missing: {reason}");

    /// <summary>As md has it: one event behind is the same state, unless the newest says that the copy failed.</summary>
    private static bool IsMember(int place, Superblock? state, Superblock newest)
        => state is not null && state.Events + 1 >= newest.Events && !HasFailed(place, newest);

    private static bool HasFailed(int place, Superblock newest) => place < MostFailedKnown && (newest.Failed & (1UL << place)) != 0;

    private static Superblock? Read(string volume, LvmMapping mapping)
    {
        var bytes = new byte[SuperblockBytes];
        if (mapping.TryArea(new LvmArea(volume, 0), SuperblockBytes, out _) is not { } map || map.ReadAt(bytes, 0) < bytes.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
        {
            return null;
        }

        return new Superblock(
            Events: BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)),
            Failed: BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(24)),
            RecoveredTo: BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(32)));
    }

    private sealed record Superblock(ulong Events, ulong Failed, ulong RecoveredTo);
}
