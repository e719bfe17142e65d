using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;

namespace Hyper2Kvm.Helpers.Convert.Linux.Target;

/// <summary>The machine that the converted guest gets.</summary>
internal static class TargetMachine
{
    /// <summary>Describes it.</summary>
    /// <param name="guest">The guest.</param>
    public static TargetMetadata Of(LinuxGuest guest)
    {
        var source = guest.Input.Source;
        return new TargetMetadata
        {
            Schema = TargetMetadata.SchemaName,
            Name = guest.Input.TargetName ?? source.Name,
            Uuid = source.Uuid,
            GenerationId = source.GenerationId,
            MemoryBytes = source.MemoryBytes,
            Cpu = source.Cpu,
            Firmware = guest.Input.TargetFirmware,
            SecureBoot = source.SecureBoot ?? false,
            Tpm = source.Tpm,
            Disks = Disks(guest),
            Removables = [.. source.Removables.Select(drive => drive.Kind == "floppy" ? drive : drive with { Bus = DiskBus.Sata })],
            Nics = guest.Network.Nics,
            Display = source.Display,
            Sound = source.Sound,
            Capabilities = Capabilities(guest),
            OperatingSystem = guest.Input.System,
        };
    }

    /// <summary>Model of network card that the default kernel drives.</summary>
    /// <param name="kernel">The default kernel.</param>
    public static string NicModel(InstalledKernel kernel) => kernel.DrivesVirtioNet ? "virtio" : "e1000";

    private static GuestCapabilities Capabilities(LinuxGuest guest)
    {
        var modules = guest.DefaultKernel.Modules;
        return new GuestCapabilities
        {
            BlockBus = guest.Block.Bus,
            NicModel = NicModel(guest.DefaultKernel),
            Machine = "q35",
            Rng = modules.Has("virtio_rng"),
            Balloon = modules.Has("virtio_balloon"),
            Vsock = modules.Has("vmw_vsock_virtio_transport"),
            PvPanic = modules.Has("pvpanic"),
        };
    }

    private static IReadOnlyList<TargetDisk> Disks(LinuxGuest guest)
    {
        var boot = BootDisk(guest.Input);
        return [.. guest.Input.Source.Disks.OrderBy(disk => disk.Index).Select(disk => new TargetDisk
        {
            Index = disk.Index,
            Bus = guest.Block.Bus,
            VirtualBytes = disk.VirtualBytes,
            BootOrder = disk.Index == boot ? 1 : null,
            Serial = disk.Serial,
        })];
    }

    /// <summary>The disk that the firmware starts from: that of the EFI system partition, else of <c>/boot</c>, else of the root.</summary>
    private static int BootDisk(LinuxGuestInput input)
        => new[] { "/boot/efi", "/efi", "/boot", "/" }
            .Select(point => input.Mounts.FirstOrDefault(mount => mount.MountPoint == point)?.Volume.Disk)
            .FirstOrDefault(disk => disk is not null) ?? 0;
}
