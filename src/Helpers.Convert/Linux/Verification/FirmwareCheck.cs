using System.Buffers.Binary;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>The target's firmware finds a loader: a BIOS code in a boot record, and behind it grub's core; UEFI a program where it looks without NVRAM entries.</summary>
internal sealed class FirmwareCheck : IGuestCheck
{
    private const int SectorBytes = 512;
    private const int BootCodeBytes = 440;

    /// <summary>GRUB's boot.S: the core's first sector, and which drive it is on (0xFF: the same).</summary>
    private const int CoreSectorOffset = 0x5C;
    private const int CoreDriveOffset = 0x64;
    private const byte SameDrive = 0xFF;

    /// <summary>GPT and MBR types of an EFI system partition.</summary>
    private static readonly string[] EfiTypes = ["c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "ef"];

    /// <inheritdoc/>
    public string Name => "firmware";

    /// <inheritdoc/>
    public void Check(VerifiedGuest guest, Findings findings, CancellationToken cancel)
    {
        if (guest.Input.Guest.TargetFirmware == Firmware.Uefi)
            CheckUefi(guest, findings);
        else
            CheckBios(guest, findings);
    }

    private void CheckBios(VerifiedGuest guest, Findings findings)
    {
        var started = guest.Input.Disks.Where(disk => disk.HasBootCode).ToList();
        if (started.Count == 0)
            findings.Error(Name, string.Join(", ", guest.Input.Disks.Select(disk => disk.Device)), "no disk has a boot record that a BIOS could start", "Give all disks of the guest, the one that it boots from too; or run grub-install in the guest.");
        foreach (var disk in started.Where(_ => guest.Bootloader is Grub2))
        {
            if (CoreSector(guest, disk) is { } core && IsEmpty(guest, disk, core))
                findings.Error(Name, disk.Device, $"grub's boot record looks for the rest of grub in sector {core}, where nothing is", "Run grub-install in the guest.");
        }
    }

    /// <summary>Where grub's boot record has the rest of grub; <see langword="null"/> where the boot record is none of grub's.</summary>
    private static ulong? CoreSector(VerifiedGuest guest, GuestDisk disk)
    {
        var sector = Sector(guest, disk, 0);
        return sector.AsSpan(0, BootCodeBytes).IndexOf("GRUB "u8) > CoreDriveOffset && sector[CoreDriveOffset] == SameDrive ? BinaryPrimitives.ReadUInt64LittleEndian(sector.AsSpan(CoreSectorOffset)) : null;
    }

    private static bool IsEmpty(VerifiedGuest guest, GuestDisk disk, ulong core)
        => core == 0 || core >= (ulong)(disk.Length / SectorBytes) || Sector(guest, disk, (long)core * SectorBytes).AsSpan().IndexOfAnyExcept((byte)0) < 0;

    private static byte[] Sector(VerifiedGuest guest, GuestDisk disk, long offset)
    {
        var sector = new byte[SectorBytes];
        _ = guest.Input.ReadDisk(disk.Index).ReadAt(sector, offset);
        return sector;
    }

    private void CheckUefi(VerifiedGuest guest, Findings findings)
    {
        var points = SystemdBoot.MountPoints.Where(point => guest.Files.HasDirectory($"{point}/EFI")).ToList();
        if (points.Count == 0)
        {
            var isThere = guest.Devices.Volumes.Any(volume => EfiTypes.Contains(volume.PartitionType));
            findings.Add(
                !isThere,
                Name,
                "/boot/efi",
                isThere ? "the EFI system partition is not mounted in the guest: its loader was not looked at" : "its firmware is UEFI, and no disk has an EFI system partition",
                isThere ? "Name the partition in the guest's /etc/fstab." : "Give all disks of the guest, the one that it boots from first.");
            return;
        }

        var loaders = points.Select(point => UefiFallbackStep.FallbackOf(guest.Files, point)).OfType<string>().ToList();
        if (loaders.Count == 0)
        {
            findings.Error(Name, $"{points[0]}/EFI/BOOT/BOOTX64.EFI", "no loader is where firmware looks that has no entry for this guest", "Convert the guest, or run grub-install --removable (bootctl install) in it.");
            return;
        }

        if (!loaders.Exists(loader => UefiFallbackStep.ArchitectureOf(Head(guest.Files, loader)) is not null))
            findings.Error(Name, loaders[0], "it is no EFI program", "Run grub-install --removable (bootctl install) in the guest.");
    }

    /// <summary>The first bytes of a program, its header among them.</summary>
    private static byte[] Head(IGuestFiles files, string path)
    {
        using var stream = files.OpenRead(path);
        var head = new byte[4096];
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }
}
