using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Partitions;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Luks;
using Hyper2Kvm.Guest.Volumes.Md;

namespace Hyper2Kvm.Guest.Probing;

/// <summary>Tells a disk that is a member of something as a whole from one that has partitions, where its bytes look like both.</summary>
/// <remarks>
/// A RAID 1 with its superblock at the end (md 0.90, 1.0) has the array's partition table in sector 0 of each leg: who writes to a partition of one leg breaks the mirror.
/// And a table may be left over from before the disk was given to md or LUKS. Only superblocks of md count whose checksums are right.
/// </remarks>
internal static class WholeDisk
{
    /// <summary>What the disk is, in words, where its table is not to be followed; else <see langword="null"/>.</summary>
    /// <param name="whole">The disk, or an array.</param>
    /// <param name="table">Its partition table.</param>
    public static string? Holder(VolumeMap whole, PartitionTable table)
    {
        try
        {
            return HolderOf(whole, table);
        }
        catch (StepException)
        {
            return null; // Probing tells what cannot be read.
        }
    }

    private static string? HolderOf(VolumeMap whole, PartitionTable table)
    {
        if (IsRaidMember(whole, table))
        {
            // As the guest's udev has it (mdadm, 64-md-raid-assembly.rules): the whole disk goes to the array.
            return "a member of an md array; its partition table is the array's, or was left over from before";
        }

        // LVM passes over a disk with partitions (lvmdevices(8), filter "partitioned"); nothing else can be meant where there is none.
        if (table.Partitions.Count == 0)
        {
            return VolumeProbe.Identify(whole, 0, whole.Length) is { } content ? $"{content.Type} on the whole disk; its partition table has no partition that could be used" : null;
        }

        // The head of a container may outlive it: the partitions count if anything is in them, which cannot be where the rest of the disk is encrypted.
        return IsLuks(whole) && table.Partitions.All(partition => VolumeProbe.Identify(whole, partition.Offset, partition.Length) is null)
            ? "a LUKS container; its partition table was left over from before"
            : null;
    }

    private static bool IsRaidMember(VolumeMap whole, PartitionTable table)
    {
        if (MdMember.Read(string.Empty, whole, out _)?.Superblock is not { } superblock)
        {
            return false;
        }

        // Version 0.90 does not say where it lies: that of a last partition stands in the same place, and then the size tells whose it is.
        return superblock.Version != MdSuperblock0.Version
            || !table.Partitions.Any(partition => Superblock0(whole, partition) is { } inPartition
                && partition.Offset + inPartition.DataLength == superblock.DataLength
                && superblock.UsedLength <= inPartition.DataLength);
    }

    private static MdSuperblock? Superblock0(VolumeMap whole, Partition partition)
    {
        string? ignored = null;
        return MdSuperblock0.Read(whole.Slice(partition.Offset, partition.Length), ref ignored);
    }

    private static bool IsLuks(VolumeMap whole)
    {
        var magic = new byte[6];
        if (whole.ReadAt(magic, 0) < magic.Length || !LuksHeader.IsMagic(magic))
        {
            return false;
        }

        try
        {
            return LuksHeader.Read(whole).Slots.Count > 0;
        }
        catch (VolumeProblem)
        {
            return false;
        }
    }
}
