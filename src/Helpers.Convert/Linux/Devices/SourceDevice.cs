using System.Text.RegularExpressions;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>A disk or partition as the source's kernel named it.</summary>
/// <param name="Disk">Index of the disk, from 0, where the name tells it.</param>
/// <param name="Partition">Partition number, 0 for the whole disk.</param>
internal sealed partial record SourceDevice(int? Disk, int Partition)
{
    /// <summary>SCSI target that VMware's and most controllers keep for themselves: disks behind it count one less.</summary>
    private const int ControllerTarget = 7;

    /// <summary>Reads a device name that hangs on the source's controllers.</summary>
    /// <param name="name">For example <c>/dev/sda1</c>, <c>/dev/nvme0n1p2</c>, <c>/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:1:0-part1</c>.</param>
    /// <returns><see langword="null"/> for anything else: UUIDs, labels, volumes of LVM, optical and floppy drives, file systems without a device.</returns>
    public static SourceDevice? Parse(string name)
    {
        if (LetteredDisk().Match(name) is { Success: true } lettered)
            return new SourceDevice(DiskOfLetters(lettered.Groups["letters"].Value), Number(lettered.Groups["part"].Value));
        if (Nvme().Match(name) is { Success: true } nvme)
            return new SourceDevice(Number(nvme.Groups["disk"].Value), Number(nvme.Groups["part"].Value));
        if (ByPath().Match(name) is { Success: true } path)
            return new SourceDevice(DiskOfTarget(path.Groups["target"].Value), Number(path.Groups["part"].Value));
        return ById().Match(name) is { Success: true } id ? new SourceDevice(null, Number(id.Groups["part"].Value)) : null;
    }

    private static int Number(string digits) => digits.Length is 0 or > 4 ? 0 : int.Parse(digits);

    private static int? DiskOfTarget(string target)
        => target.Length == 0 ? null : Number(target) is var number && number > ControllerTarget ? number - 1 : number;

    /// <summary><c>a</c> is 0, <c>z</c> 25, <c>aa</c> 26: Documentation/admin-guide/devices.txt.</summary>
    private static int DiskOfLetters(string letters) => letters.Aggregate(0, (sum, letter) => (sum * 26) + letter - 'a' + 1) - 1;

    [GeneratedRegex("^/dev/(?:sd|hd|xvd|vd)(?<letters>[a-z]{1,3})(?<part>[0-9]*)$")]
    private static partial Regex LetteredDisk();

    [GeneratedRegex("^/dev/nvme(?<disk>[0-9]{1,3})n1(?:p(?<part>[0-9]+))?$")]
    private static partial Regex Nvme();

    [GeneratedRegex("^/dev/disk/by-path/.+?(?:-scsi-[0-9]+:[0-9]+:(?<target>[0-9]+):[0-9]+)?(?:-part(?<part>[0-9]+))?$")]
    private static partial Regex ByPath();

    /// <summary>By-id names that carry the controller's or disk's identity; those of LVM, md and device-mapper move with the data and are no concern.</summary>
    [GeneratedRegex("^/dev/disk/by-id/(?:ata|scsi|wwn|nvme|virtio|ide|usb)-.+?(?:-part(?<part>[0-9]+))?$")]
    private static partial Regex ById();
}
