using System.Buffers.Binary;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>What an ext file system noted about its own health (Documentation/filesystems/ext4/super.rst).</summary>
internal static class ExtState
{
    private const int SuperblockOffset = 1024;
    private const int StateOffset = 0x3A; // s_state
    private const int ErrorCountOffset = 0x194; // s_error_count
    private const ushort ErrorFlag = 2; // EXT4_ERROR_FS

    /// <summary>Whether the kernel met errors in a file system and no check was run since.</summary>
    /// <param name="disk">The volume.</param>
    /// <param name="type">Its kind; of others than ext it is not known.</param>
    public static bool HasErrors(IDiskReader disk, string type) => type is "ext2" or "ext3" or "ext4" && IsFlagged(Superblock(disk, 0));

    /// <summary>A warning where the kernel met errors and no check was run since; else <see langword="null"/>.</summary>
    /// <param name="disk">What the volume lies on.</param>
    /// <param name="offset">Start of the volume, bytes.</param>
    /// <param name="type">Its kind, for the text.</param>
    public static string? Warning(IDiskReader disk, long offset, string type)
    {
        var superblock = Superblock(disk, offset);
        if (!IsFlagged(superblock))
        {
            return null;
        }

        var count = BinaryPrimitives.ReadUInt32LittleEndian(superblock.AsSpan(ErrorCountOffset));
        return $"the {type} file system has its error flag set{(count == 0 ? string.Empty : $" ({count} errors recorded)")}: check it in the guest with e2fsck -f";
    }

    private static byte[] Superblock(IDiskReader disk, long offset)
    {
        var superblock = new byte[1024];
        return superblock[..disk.ReadAt(superblock, offset + SuperblockOffset)];
    }

    private static bool IsFlagged(byte[] superblock)
        => superblock.Length > ErrorCountOffset + 4 && (BinaryPrimitives.ReadUInt16LittleEndian(superblock.AsSpan(StateOffset)) & ErrorFlag) != 0;
}
