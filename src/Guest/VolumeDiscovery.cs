using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Partitions;
using Hyper2Kvm.Guest.Probing;

namespace Hyper2Kvm.Guest;

/// <summary>Reads the partition tables of all disks and the superblocks of all volumes.</summary>
internal static class VolumeDiscovery
{
    /// <summary>The disks and their volumes, in the order of disks and partition numbers.</summary>
    /// <param name="attached">The disks.</param>
    public static (IReadOnlyList<GuestDisk> Disks, IReadOnlyList<GuestVolume> Volumes) Discover(IReadOnlyList<IDiskReader> attached)
        => Discover(attached, [.. attached.Select(disk => disk is AttachedDisk { Source.ReadOnly: true })]);

    private static (IReadOnlyList<GuestDisk> Disks, IReadOnlyList<GuestVolume> Volumes) Discover(IReadOnlyList<IDiskReader> attached, IReadOnlyList<bool> readOnly)
    {
        var disks = new List<GuestDisk>();
        var volumes = new List<GuestVolume>();
        for (var index = 0; index < attached.Count; index++)
        {
            var disk = Describe(attached[index], index, readOnly[index]);
            disks.Add(disk);
            volumes.AddRange(VolumesOf(attached[index], disk));
        }

        return (disks, volumes);
    }

    private static GuestDisk Describe(IDiskReader reader, int index, bool readOnly)
    {
        var sector = new byte[512];
        _ = reader.ReadAt(sector, 0);
        return new GuestDisk(index, reader.Length, PartitionTable.Read(reader), BootInspection.HasBootCode(sector), readOnly);
    }

    private static IEnumerable<GuestVolume> VolumesOf(IDiskReader reader, GuestDisk disk)
        => disk.Table.Kind == PartitionTableKind.None
            ? [Probed(reader, new GuestVolume { Device = disk.Device, Disk = disk.Index, Partition = 0, Offset = 0, Length = disk.Length })]
            : disk.Table.Partitions.Select(partition => Probed(reader, new GuestVolume
            {
                Device = $"{disk.Device}{partition.Number}",
                Disk = disk.Index,
                Partition = partition.Number,
                Offset = partition.Offset,
                Length = partition.Length,
                PartitionType = partition.Type,
                PartitionUuid = partition.Uuid,
                PartitionLabel = partition.Label,
            }));

    private static GuestVolume Probed(IDiskReader reader, GuestVolume volume)
        => VolumeProbe.Identify(reader, volume.Offset, volume.Length) is { } content
            ? volume with { Content = content.Type, Uuid = content.Uuid, Label = content.Label }
            : volume;
}
