using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Output.Disks;

namespace Hyper2Kvm.Helpers.Output.Tests.Support;

/// <summary>Guests as the conversion describes them.</summary>
internal static class Guests
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>A Linux guest with two disks.</summary>
    public static TargetMetadata Linux { get; } = new()
    {
        Schema = TargetMetadata.SchemaName,
        Name = "web",
        Uuid = Guid.Parse("564d1c9f-0b1e-4d5a-9a60-0a1b2c3d4e5f"),
        MemoryBytes = 1024 * Mebibyte,
        Cpu = new CpuMetadata { Count = 2 },
        Firmware = Firmware.Bios,
        Disks =
        [
            new TargetDisk { Index = 0, Bus = DiskBus.VirtioBlk, VirtualBytes = 8 * Mebibyte, BootOrder = 1, Serial = "6000c29d" },
            new TargetDisk { Index = 1, Bus = DiskBus.VirtioBlk, VirtualBytes = 4 * Mebibyte },
        ],
        Nics = [new NicMetadata { Mac = "00:50:56:aa:bb:cc", Model = "virtio" }],
        Capabilities = new GuestCapabilities { Rng = true, Balloon = true },
        OperatingSystem = new OperatingSystemMetadata { Family = "linux", Distribution = "debian", Version = "12" },
    };

    /// <summary>A Windows guest with all that a modern machine has.</summary>
    public static TargetMetadata Windows { get; } = Linux with
    {
        Name = "Büro & <Kasse>",
        GenerationId = Guid.Parse("12345678-9abc-def0-1234-56789abcdef0"),
        MemoryBytes = 4096 * Mebibyte,
        Cpu = new CpuMetadata { Count = 8, Sockets = 2, Cores = 4 },
        Firmware = Firmware.Uefi,
        SecureBoot = true,
        Tpm = new TpmMetadata(),
        Disks =
        [
            new TargetDisk { Index = 0, Bus = DiskBus.VirtioScsi, VirtualBytes = 8 * Mebibyte, BootOrder = 1 },
            new TargetDisk { Index = 1, Bus = DiskBus.VirtioScsi, VirtualBytes = 4 * Mebibyte, BootOrder = 2 },
        ],
        Removables = [new RemovableMetadata { Kind = "cdrom", Bus = DiskBus.Sata }],
        Nics =
        [
            new NicMetadata { Mac = "00:50:56:aa:bb:01", Model = "virtio", Kind = "bridge", Source = "br0" },
            new NicMetadata { Mac = "00:50:56:aa:bb:02", Model = "e1000", Source = "VM Network" },
        ],
        Display = new DisplayMetadata { Kind = "vnc", Keymap = "de" },
        Sound = "ich9",
        Capabilities = new GuestCapabilities { Rng = true, Balloon = true, PvPanic = true, Vsock = true, Clock = "localtime", BlockBus = DiskBus.VirtioScsi },
        OperatingSystem = new OperatingSystemMetadata { Family = "windows" },
    };

    /// <summary>A guest without virtio on the old machine.</summary>
    public static TargetMetadata Old { get; } = Linux with
    {
        Name = "old",
        Uuid = null,
        Cpu = new CpuMetadata { Count = 1 },
        Disks = [new TargetDisk { Index = 0, Bus = DiskBus.Ide, VirtualBytes = 8 * Mebibyte }],
        Removables = [new RemovableMetadata { Kind = "cdrom", Bus = DiskBus.Ide }, new RemovableMetadata { Kind = "floppy", Bus = DiskBus.Floppy }],
        Nics = [new NicMetadata { Mac = "00:50:56:aa:bb:03" }],
        Sound = "unheard-of",
        Capabilities = new GuestCapabilities { Machine = "pc", BlockBus = DiskBus.Ide, NicModel = "rtl8139", LegacyVirtio = true },
    };

    /// <summary>A guest that knows virtio 0.9 only, on q35.</summary>
    public static TargetMetadata Transitional { get; } = Linux with
    {
        Name = "transitional",
        Firmware = Firmware.Uefi,
        Disks =
        [
            new TargetDisk { Index = 0, Bus = DiskBus.VirtioBlk, VirtualBytes = 8 * Mebibyte },
            new TargetDisk { Index = 1, Bus = DiskBus.VirtioScsi, VirtualBytes = 8 * Mebibyte },
            new TargetDisk { Index = 2, Bus = DiskBus.Ide, VirtualBytes = 8 * Mebibyte },
        ],
        Capabilities = new GuestCapabilities { Rng = true, Balloon = true, LegacyVirtio = true },
    };

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyDictionary<string, TargetMetadata> All { get; } = new Dictionary<string, TargetMetadata>
    {
        ["linux"] = Linux,
        ["windows"] = Windows,
        ["old"] = Old,
        ["transitional"] = Transitional,
    };

    /// <summary>Where its disks would be.</summary>
    public static IReadOnlyList<DiskSource> DisksOf(TargetMetadata guest, string format = "raw", string directory = "/srv/guests")
        => [.. guest.Disks.Select(disk => new DiskSource
        {
            Disk = disk.Index,
            Format = format,
            Discard = format == "qcow2",
            Path = Path.Combine(directory, GuestName.OfDisk(guest.Name, disk.Index)),
        })];
}
