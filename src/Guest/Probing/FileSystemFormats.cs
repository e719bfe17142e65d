using System.Buffers.Binary;
using System.Globalization;

namespace Hyper2Kvm.Guest.Probing;

/// <summary>Superblocks of file systems. Each method gets the first 68 KiB of a volume.</summary>
internal static class FileSystemFormats
{
    /// <summary>ext2, ext3, ext4 and an external journal (Documentation/filesystems/ext4/super.rst); told apart by features as libblkid does.</summary>
    public static VolumeContent? Ext(ReadOnlySpan<byte> head)
    {
        const uint HasJournal = 0x4;
        const uint JournalDevice = 0x8;
        const uint IncompatibleOfExt3 = 0x2 | 0x4 | 0x10; // filetype, recover, meta_bg
        const uint ReadOnlyOfExt3 = 0x1 | 0x2 | 0x4; // sparse_super, large_file, btree_dir
        var superblock = head[1024..2048];
        if (BinaryPrimitives.ReadUInt16LittleEndian(superblock[56..]) != 0xEF53)
        {
            return null;
        }

        var compatible = BinaryPrimitives.ReadUInt32LittleEndian(superblock[92..]);
        var incompatible = BinaryPrimitives.ReadUInt32LittleEndian(superblock[96..]);
        var readOnly = BinaryPrimitives.ReadUInt32LittleEndian(superblock[100..]);
        var type =
            (incompatible & JournalDevice) != 0 ? "jbd"
            : (incompatible & ~IncompatibleOfExt3) != 0 || (readOnly & ~ReadOnlyOfExt3) != 0 ? "ext4"
            : (compatible & HasJournal) != 0 ? "ext3"
            : "ext2";
        return new VolumeContent(type, SuperblockText.Uuid(superblock[104..]), SuperblockText.Label(superblock.Slice(120, 16)));
    }

    /// <summary>XFS (XFS Algorithms and Data Structures, "Superblocks").</summary>
    public static VolumeContent? Xfs(ReadOnlySpan<byte> head)
        => head[..4].SequenceEqual("XFSB"u8)
            ? new VolumeContent("xfs", SuperblockText.Uuid(head[32..]), SuperblockText.Label(head.Slice(108, 12)))
            : null;

    /// <summary>btrfs (struct btrfs_super_block, at 64 KiB).</summary>
    public static VolumeContent? Btrfs(ReadOnlySpan<byte> head)
    {
        var superblock = head[(64 * 1024)..];
        return superblock.Slice(64, 8).SequenceEqual("_BHRfS_M"u8)
            ? new VolumeContent("btrfs", SuperblockText.Uuid(superblock[32..]), SuperblockText.Label(superblock.Slice(0x12B, 256)))
            : null;
    }

    /// <summary>NTFS: its boot sector; the volume's name is in a file of it and not read.</summary>
    public static VolumeContent? Ntfs(ReadOnlySpan<byte> head)
        => head.Slice(3, 8).SequenceEqual("NTFS    "u8)
            ? new VolumeContent("ntfs", BinaryPrimitives.ReadUInt64LittleEndian(head[72..]).ToString("X16", CultureInfo.InvariantCulture))
            : null;

    /// <summary>exFAT (exFAT file system specification, 3.1).</summary>
    public static VolumeContent? ExFat(ReadOnlySpan<byte> head)
        => head.Slice(3, 8).SequenceEqual("EXFAT   "u8) ? new VolumeContent("exfat", Serial(head[100..])) : null;

    /// <summary>FAT12, FAT16, FAT32 (Microsoft FAT specification, 3.1 to 3.3).</summary>
    public static VolumeContent? Fat(ReadOnlySpan<byte> head)
    {
        if (head[510] != 0x55 || head[511] != 0xAA)
        {
            return null;
        }

        return head[82..87].SequenceEqual("FAT32"u8) ? new VolumeContent("vfat", Serial(head[67..]), FatLabel(head.Slice(71, 11)))
            : head[54..57].SequenceEqual("FAT"u8) ? new VolumeContent("vfat", Serial(head[39..]), FatLabel(head.Slice(43, 11)))
            : null;
    }

    /// <summary>ISO 9660 (ECMA-119, 8.4).</summary>
    public static VolumeContent? Iso9660(ReadOnlySpan<byte> head)
        => head.Slice(0x8001, 5).SequenceEqual("CD001"u8) ? new VolumeContent("iso9660", Label: SuperblockText.Label(head.Slice(0x8028, 32))) : null;

    /// <summary>SquashFS.</summary>
    public static VolumeContent? SquashFs(ReadOnlySpan<byte> head)
        => head[..4].SequenceEqual("hsqs"u8) ? new VolumeContent("squashfs") : null;

    private static string Serial(ReadOnlySpan<byte> bytes)
        => string.Create(CultureInfo.InvariantCulture, $"{bytes[3]:X2}{bytes[2]:X2}-{bytes[1]:X2}{bytes[0]:X2}");

    private static string? FatLabel(ReadOnlySpan<byte> bytes)
        => SuperblockText.Label(bytes) is { } label && label != "NO NAME" ? label : null;
}
