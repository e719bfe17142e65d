using System.Text.RegularExpressions;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>A disk or partition as the source's kernel named it.</summary>
/// <param name="Family">What drives the disk by the name: <c>sd hd xvd vd nvme cciss ida</c>; empty where the name tells no driver.</param>
/// <param name="Disk">Index of the disk among those of its family, from 0, where the name tells it.</param>
/// <param name="Partition">Partition number, 0 for the whole disk.</param>
internal sealed partial record SourceDevice(string Family, int? Disk, int Partition)
{
    /// <summary>SCSI target that VMware's and most controllers keep for themselves: disks behind it count one less.</summary>
    private const int ControllerTarget = 7;

    /// <summary>Disks of one Smart Array controller; the next controller's count on from there (Documentation/admin-guide/devices.txt).</summary>
    private const int DisksOfArrayController = 16;

    /// <summary>Reads a device name that hangs on the source's controllers.</summary>
    /// <param name="name">For example <c>/dev/sda1</c>, <c>/dev/nvme0n1p2</c>, <c>/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:1:0-part1</c>.</param>
    /// <returns><see langword="null"/> for anything else: UUIDs, labels, volumes of LVM, drives with a medium that goes, file systems without a device.</returns>
    public static SourceDevice? Parse(string name)
    {
        if (LetteredDisk().Match(name) is { Success: true } lettered)
            return new SourceDevice(lettered.Groups["family"].Value, DiskOfLetters(lettered.Groups["letters"].Value), PartitionOf(lettered));
        if (Nvme().Match(name) is { Success: true } nvme)
            return new SourceDevice("nvme", Number(nvme.Groups["disk"].Value), PartitionOf(nvme));
        if (SmartArray().Match(name) is { Success: true } array)
            return new SourceDevice(array.Groups["family"].Value, (Number(array.Groups["controller"].Value) * DisksOfArrayController) + Number(array.Groups["disk"].Value), PartitionOf(array));
        if (RemovableDrive.Is(name))
            return null;
        if (ByPath().Match(name) is { Success: true } path)
            return new SourceDevice(string.Empty, DiskOfTarget(path.Groups["target"].Value), PartitionOf(path));
        return Identity().Match(name) is { Success: true } id ? new SourceDevice(string.Empty, null, PartitionOf(id)) : null;
    }

    private static int PartitionOf(Match match) => Number(match.Groups["part"].Value);

    private static int Number(string digits) => digits.Length is 0 or > 4 ? 0 : int.Parse(digits);

    private static int? DiskOfTarget(string target)
        => target.Length == 0 ? null : Number(target) is var number && number > ControllerTarget ? number - 1 : number;

    /// <summary><c>a</c> is 0, <c>z</c> 25, <c>aa</c> 26: Documentation/admin-guide/devices.txt.</summary>
    private static int DiskOfLetters(string letters) => letters.Aggregate(0, (sum, letter) => (sum * 26) + letter - 'a' + 1) - 1;

    [GeneratedRegex("^/dev/(?<family>sd|hd|xvd|vd)(?<letters>[a-z]{1,3})(?<part>[0-9]*)$")]
    private static partial Regex LetteredDisk();

    [GeneratedRegex("^/dev/nvme(?<disk>[0-9]{1,3})n1(?:p(?<part>[0-9]+))?$")]
    private static partial Regex Nvme();

    [GeneratedRegex("^/dev/(?<family>cciss|ida)/c(?<controller>[0-7])d(?<disk>[0-9]{1,2})(?:p(?<part>[0-9]+))?$")]
    private static partial Regex SmartArray();

    [GeneratedRegex("^/dev/disk/by-path/.+?(?:-scsi-[0-9]+:[0-9]+:(?<target>[0-9]+):[0-9]+)?(?:-part(?<part>[0-9]+))?$")]
    private static partial Regex ByPath();

    /// <summary>
    /// Names that carry the identity of the controller or disk, multipath maps of them too; those of LVM, md and LUKS move with the data and are no concern.
    /// Which disk is meant, they do not tell.
    /// </summary>
    [GeneratedRegex("^(?:/dev/disk/by-id/(?:ata|scsi|wwn|nvme|virtio|ide|cciss)-.+?(?:-part(?<part>[0-9]+))?|/dev/disk/by-id/dm-uuid-(?:part(?<part>[0-9]+)-)?mpath-.+|(?:/dev/mapper/|/dev/disk/by-id/dm-name-)mpath[a-z]{1,3}(?:(?:p|-part|_part)?(?<part>[0-9]+))?)$")]
    private static partial Regex Identity();
}
