using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Keys;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Partitions;
using Hyper2Kvm.Guest.Probing;
using Hyper2Kvm.Guest.Volumes;

namespace Hyper2Kvm.Guest;

/// <summary>Reads the partition tables of all disks and the superblocks of all volumes, and puts together what lies on several.</summary>
internal static class VolumeDiscovery
{
    /// <summary>The disks and their volumes: in the order of disks and partition numbers, then arrays and logical volumes.</summary>
    /// <param name="attached">The disks.</param>
    /// <param name="keys">Keys of encrypted volumes.</param>
    /// <exception cref="StepException">A disk cannot be read (<see cref="ErrorCodes.ConvertDisk"/>), or a key file (<see cref="ErrorCodes.ConvertKey"/>).</exception>
    public static (IReadOnlyList<GuestDisk> Disks, IReadOnlyList<GuestVolume> Volumes) Discover(IReadOnlyList<IDiskReader> attached, params IReadOnlyList<GuestKey> keys)
        => Discover(attached, CancellationToken.None, keys);

    /// <summary>The same, until it is cancelled.</summary>
    /// <param name="attached">The disks.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="keys">Keys of encrypted volumes.</param>
    /// <exception cref="StepException">A disk cannot be read (<see cref="ErrorCodes.ConvertDisk"/>), or a key file (<see cref="ErrorCodes.ConvertKey"/>).</exception>
    public static (IReadOnlyList<GuestDisk> Disks, IReadOnlyList<GuestVolume> Volumes) Discover(IReadOnlyList<IDiskReader> attached, CancellationToken cancel, params IReadOnlyList<GuestKey> keys)
    {
        var disks = new List<GuestDisk>();
        var volumes = new List<GuestVolume>();
        for (var index = 0; index < attached.Count; index++)
        {
            var disk = Describe(attached[index], index, attached[index] is AttachedDisk { Source.ReadOnly: true });
            disks.Add(disk);
            volumes.AddRange(VolumesOf(attached[index], disk));
        }

        return (disks, VolumeAssembly.Complete(volumes, keys, cancel));
    }

    private static GuestDisk Describe(IDiskReader reader, int index, bool readOnly)
    {
        var sector = new byte[512];
        _ = reader.ReadAt(sector, 0);
        return new GuestDisk(index, reader.Length, PartitionTable.Read(reader), BootInspection.HasBootCode(sector), readOnly);
    }

    private static IEnumerable<GuestVolume> VolumesOf(IDiskReader reader, GuestDisk disk)
    {
        var whole = new SpanMap(reader, disk.Index, 0, disk.Length);
        return VolumesOf(new GuestVolume { Device = disk.Device, Disk = disk.Index, Partition = 0, Offset = 0, Length = disk.Length, Map = whole }, disk.Table, disk.Device);
    }

    /// <summary>The partitions of a disk or array, or itself where it has none or is a member of something as a whole.</summary>
    /// <param name="whole">The disk or array; mapped.</param>
    /// <param name="table">The table on it.</param>
    /// <param name="prefix">What the numbers of its partitions follow in their names.</param>
    internal static IEnumerable<GuestVolume> VolumesOf(GuestVolume whole, PartitionTable table, string prefix)
        => table.Kind == PartitionTableKind.None ? [Probe(whole)]
            : WholeDisk.Holder(whole.Map!, table) is { } holder ? [Probe(whole) with { Problem = whole.Problem ?? holder }]
            : PartitionsOf(whole.Map!, table, prefix);

    /// <summary>The partitions of something that has a table.</summary>
    /// <param name="whole">The disk or array.</param>
    /// <param name="table">Its table.</param>
    /// <param name="prefix">What their numbers follow in their names.</param>
    private static IEnumerable<GuestVolume> PartitionsOf(VolumeMap whole, PartitionTable table, string prefix)
        => table.Partitions.Select(partition => (partition, volume: new GuestVolume
        {
            Device = $"{prefix}{partition.Number}",
            Disk = whole.Disks[0],
            Partition = partition.Number,
            Offset = partition.Offset,
            Length = partition.Length,
            PartitionType = partition.Type,
            PartitionUuid = partition.Uuid,
            PartitionLabel = partition.Label,
            Map = whole.Slice(partition.Offset, partition.Length),
        })).Select(pair => DynamicDisk.Has(whole, pair.partition)
            ? Closed(pair.volume with { Content = LockedVolumes.DynamicDisk }, "a part of a Windows dynamic disk")
            : Probe(pair.volume));

    /// <summary>The same volume with what it holds.</summary>
    internal static GuestVolume Probe(GuestVolume volume)
    {
        if (volume.Map is null)
        {
            return volume;
        }

        try
        {
            if (VolumeProbe.Identify(volume.Map, 0, volume.Length) is { } content)
            {
                volume = volume with { Content = content.Type, Uuid = content.Uuid, Label = content.Label };
            }

            if (volume.Content == "btrfs" && BtrfsSuperblock.Obstacle(volume.Map) is { } obstacle)
            {
                return volume with { Problem = obstacle };
            }

            return volume.Content == LockedVolumes.BitLocker ? Closed(volume, "encrypted by BitLocker") : volume;
        }
        catch (StepException unreadable) when (volume.Kind != VolumeKind.Plain)
        {
            return volume with { Problem = unreadable.Message };
        }
    }

    private static GuestVolume Closed(GuestVolume volume, string reason)
        => volume with { Lock = VolumeLock.Unsupported, Problem = $"{reason}: it cannot be opened here" };
}
