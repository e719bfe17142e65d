using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Probing;

/// <summary>Finds out what a volume holds, from its superblocks.</summary>
/// <remarks>
/// Read by us and not by blkid(8): one read of 68 KiB a volume instead of a process each (20 partitions: 100 ms of processes), and no
/// C parser runs as root over bytes of the guest. A test holds the answers to those of blkid.
/// </remarks>
internal static class VolumeProbe
{
    /// <summary>All superblocks that are known, but those of md at the end, lie in these first bytes (btrfs: 64 KiB and one sector).</summary>
    private const int HeadBytes = 68 * 1024;

    private delegate VolumeContent? Format(ReadOnlySpan<byte> head);

    // Containers first, md before the others as blkid(8) has it: a RAID 1 member looks like the file system in it, LUKS may stand over an old one.
    private static readonly Format[] Formats =
    [
        ContainerFormats.MdAtStart,
        ContainerFormats.Luks,
        ContainerFormats.Lvm,
        ContainerFormats.BitLocker,
        ContainerFormats.Swap,
        FileSystemFormats.Xfs,
        FileSystemFormats.Btrfs,
        FileSystemFormats.Ext,
        FileSystemFormats.Ntfs,
        FileSystemFormats.ExFat,
        FileSystemFormats.Fat,
        FileSystemFormats.Iso9660,
        FileSystemFormats.SquashFs,
    ];

    /// <summary>What a part of a disk holds, or <see langword="null"/>.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="offset">First byte of the volume.</param>
    /// <param name="length">Its length, bytes.</param>
    public static VolumeContent? Identify(IDiskReader disk, long offset, long length)
    {
        var buffer = new byte[HeadBytes];

        // A short volume leaves zeros, which are no magic of anything.
        _ = disk.ReadAt(buffer.AsSpan(0, (int)Math.Min(length, HeadBytes)), offset);
        if (ContainerFormats.MdAtEnd(disk, offset, length) is { } member)
        {
            return member;
        }

        foreach (var format in Formats)
        {
            if (format(buffer) is { } content)
            {
                return content;
            }
        }

        return null;
    }
}
