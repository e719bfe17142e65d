using Hyper2Kvm.Guest.Partitions;

namespace Hyper2Kvm.Guest;

/// <summary>One disk of an opened guest.</summary>
/// <param name="Index">Place among the guest's disks, from 0.</param>
/// <param name="Length">Size that the guest sees, bytes.</param>
/// <param name="Table">Its partitions.</param>
/// <param name="HasBootCode">Whether its first sector holds code that a BIOS would start.</param>
/// <param name="ReadOnly">Whether it can only be read.</param>
public sealed record GuestDisk(int Index, long Length, PartitionTable Table, bool HasBootCode, bool ReadOnly)
{
    /// <summary>Name of its device, as of a guest with SCSI disks: <c>/dev/sda</c>; the 27th is <c>/dev/sdaa</c>.</summary>
    public string Device => "/dev/sd" + Letters(Index);

    /// <summary>A place in letters, as in the names of disks: <c>a</c> for 0, <c>aa</c> for 26.</summary>
    /// <param name="index">The place, from 0.</param>
    internal static string Letters(int index)
        => (index >= 26 ? Letters((index / 26) - 1) : string.Empty) + (char)('a' + (index % 26));
}
