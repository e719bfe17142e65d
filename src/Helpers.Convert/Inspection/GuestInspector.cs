using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Helpers.Convert.Inspection;

/// <summary>Describes a whole guest: disks, volumes, systems.</summary>
internal static class GuestInspector
{
    /// <summary>What keeps a system from being looked into, and is told of it: the others are shown all the same.</summary>
    private static readonly ErrorCode[] StillTold = [ErrorCodes.ConvertMount, ErrorCodes.ConvertHostile, ErrorCodes.ConvertLocked, ErrorCodes.ConvertKey, ErrorCodes.ConvertUnsupported];

    /// <summary>Describes it.</summary>
    /// <param name="machine">Its disks, opened for reading.</param>
    /// <param name="source">The machine as its source has it.</param>
    /// <param name="systems">The systems to look into.</param>
    public static GuestInspection Inspect(GuestMachine machine, SourceMetadata source, IReadOnlyList<GuestSystem> systems) => new()
    {
        Schema = GuestInspection.SchemaName,
        Name = source.Name,
        Firmware = machine.Firmware,
        BootDisk = machine.BootDisk,
        Systems = [.. systems.Select(system => Inspect(machine, system))],
        Disks = [.. machine.Disks.Select(disk => Describe(disk, source.Disks.FirstOrDefault(one => one.Index == disk.Index)))],
        Volumes = [.. machine.Volumes.Select(volume => Describe(volume, machine.Unusable.GetValueOrDefault(volume)))],
        Caches = [.. machine.CacheCounts.Select(count => new InspectedCache { Name = count.Name, Hits = count.Hits, Misses = count.Misses })],
    };

    private static InspectedSystem Inspect(GuestMachine machine, GuestSystem system)
    {
        try
        {
            using var guest = machine.Mount(system, MountOptions.ReadOnly);
            return SystemInspector.Inspect(guest, machine.Volumes, machine.Firmware);
        }
        catch (StepException failed) when (StillTold.Contains(failed.Code))
        {
            return SystemInspector.Inspect(system, failed.Message);
        }
    }

    private static InspectedDisk Describe(GuestDisk disk, DiskMetadata? source) => new()
    {
        Index = disk.Index,
        Device = disk.Device,
        Path = source?.Path,
        Format = source?.Format,
        Bytes = disk.Length,
        Table = disk.Table.Kind.ToString().ToLowerInvariant(),
        Problems = disk.Table.Problems,
    };

    private static InspectedVolume Describe(GuestVolume volume, string? note) => new()
    {
        Device = volume.Device,
        Kind = volume.Kind.ToString().ToLowerInvariant(),
        Disk = volume.Disk,
        Disks = [.. volume.Disks],
        Bytes = volume.Length,
        PartitionType = volume.PartitionType,
        PartitionUuid = volume.PartitionUuid,
        PartitionLabel = volume.PartitionLabel,
        Type = volume.Content,
        Uuid = volume.Uuid,
        Label = volume.Label,
        Note = note ?? volume.Problem,
    };
}
