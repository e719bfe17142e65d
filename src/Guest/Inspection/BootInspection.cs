using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest.Partitions;

namespace Hyper2Kvm.Guest.Inspection;

/// <summary>Says from the disks alone how a guest boots.</summary>
internal static class BootInspection
{
    /// <summary>GPT type of an EFI system partition (UEFI Specification 2.10, table 5.7).</summary>
    public const string EfiSystemPartition = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

    private const string MbrEfiSystemPartition = "ef";

    /// <summary>GPT type of the partition that GRUB embeds its core in, to boot from GPT with a BIOS (GRUB manual, "BIOS installation").</summary>
    private const string BiosBootPartition = "21686148-6449-6e6f-744e-656564454649";

    /// <summary>Bytes of code in a boot record, up to the disk's signature (UEFI Specification 2.10, table 5.1).</summary>
    private const int BootCodeBytes = 440;

    /// <summary>UEFI where some disk has an EFI system partition and none can be booted by a BIOS.</summary>
    /// <param name="disks">The tables, and sector 0, of all disks.</param>
    public static Firmware DetectFirmware(IReadOnlyList<GuestDisk> disks)
    {
        var hasEfi = disks.Any(disk => disk.Table.Partitions.Any(partition => partition.Type is EfiSystemPartition or MbrEfiSystemPartition));
        var hasBios = disks.Any(disk => disk.Table.Kind == PartitionTableKind.Gpt
            ? disk.Table.Partitions.Any(partition => partition.Type == BiosBootPartition)
            : disk.HasBootCode);
        return hasEfi && !hasBios ? Firmware.Uefi : Firmware.Bios;
    }

    /// <summary>Index of the disk that the firmware starts from: with an EFI system partition or boot code; the first where none has.</summary>
    /// <param name="disks">All disks.</param>
    /// <param name="firmware">How the guest boots.</param>
    public static int DetectBootDisk(IReadOnlyList<GuestDisk> disks, Firmware firmware)
        => disks.FirstOrDefault(disk => firmware == Firmware.Uefi
            ? disk.Table.Partitions.Any(partition => partition.Type is EfiSystemPartition or MbrEfiSystemPartition)
            : disk.HasBootCode)?.Index ?? 0;

    /// <summary>Whether a boot record holds code: the protective record of a fresh GPT is empty there.</summary>
    /// <param name="sector">Sector 0.</param>
    public static bool HasBootCode(ReadOnlySpan<byte> sector)
        => sector.Length >= 512 && sector[510] == 0x55 && sector[511] == 0xAA && sector[..BootCodeBytes].IndexOfAnyExcept((byte)0) >= 0;
}
