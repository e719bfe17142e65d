using Hyper2Kvm.Guest.Volumes;

namespace Hyper2Kvm.Guest;

/// <summary>One volume of a guest: a partition, a whole disk, an md array or a logical volume.</summary>
/// <remarks>
/// Device names of disks are those of the source's first SCSI disks, <c>sda</c> for disk 0 and so on: what a VMware guest has in its files. Arrays and
/// logical volumes have the names that the guest's own udev gives them.
/// </remarks>
public sealed record GuestVolume
{
    /// <summary>Name: <c>/dev/sda1</c>, <c>/dev/sda</c> for a whole disk, <c>/dev/md0</c>, <c>/dev/GROUP/VOLUME</c>.</summary>
    public required string Device { get; init; }

    /// <summary>What it is.</summary>
    public VolumeKind Kind { get; init; }

    /// <summary>All names by which the guest's files may call an array or logical volume, <see cref="Device"/> among them; empty for a partition or disk, and where a name would fit two.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Index of the guest's disk that it lies on, from 0; the first of several.</summary>
    public required int Disk { get; init; }

    /// <summary>Indexes of all disks that it lies on, in their order.</summary>
    public IEnumerable<int> Disks => Map?.Disks ?? (IEnumerable<int>)[Disk];

    /// <summary>Partition number, from 1; 0 for all that is no partition.</summary>
    public required int Partition { get; init; }

    /// <summary>Start on the disk (a partition of an array: on that), bytes; 0 for an array or logical volume.</summary>
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

    /// <summary>Why it cannot be opened, or (where <see cref="IsMapped"/>) what is wrong with it all the same, for people; <see langword="null"/> where nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether its bytes can be had.</summary>
    public bool IsMapped => Map is not null;

    /// <summary>Where its bytes are.</summary>
    internal VolumeMap? Map { get; init; }
}
