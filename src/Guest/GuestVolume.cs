namespace Hyper2Kvm.Guest;

/// <summary>One volume of a guest: a partition, or a whole disk that holds a file system.</summary>
/// <remarks>Device names are those of the source's first SCSI disks, <c>sda</c> for disk 0 and so on: what a VMware guest has in its files.</remarks>
public sealed record GuestVolume
{
    /// <summary>Name, <c>/dev/sda1</c>, or <c>/dev/sda</c> for a whole disk.</summary>
    public required string Device { get; init; }

    /// <summary>Index of the guest's disk, from 0.</summary>
    public required int Disk { get; init; }

    /// <summary>Partition number, from 1; 0 for a whole disk.</summary>
    public required int Partition { get; init; }

    /// <summary>Start on the disk, bytes.</summary>
    public required long Offset { get; init; }

    /// <summary>Length, bytes.</summary>
    public required long Length { get; init; }

    /// <summary>GPT type GUID in lower case, or MBR type as two hex digits (<c>83</c>).</summary>
    public string? PartitionType { get; init; }

    /// <summary>PARTUUID as udev gives it: the GPT partition's GUID, or <c>DISKSIGNATURE-NN</c> in lower-case hex for MBR.</summary>
    public string? PartitionUuid { get; init; }

    /// <summary>GPT partition name.</summary>
    public string? PartitionLabel { get; init; }

    /// <summary>What it holds, by the names of blkid: <c>ext4 xfs btrfs vfat swap ntfs LVM2_member crypto_LUKS linux_raid_member</c>; null where unknown.</summary>
    public string? Content { get; init; }

    /// <summary>UUID of the content, as blkid writes it.</summary>
    public string? Uuid { get; init; }

    /// <summary>Label of the content.</summary>
    public string? Label { get; init; }
}
