using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Guest.Mounting.Fuse;

/// <summary>Which file systems a program can mount through FUSE, where this process may not have the kernel do it.</summary>
internal static class FuseDrivers
{
    /// <summary>Whether a driver for this kind is installed.</summary>
    /// <param name="content">What the volume holds, by blkid's name.</param>
    public static bool Has(string content) => ProgramOf(content) is { } program && ToolPackages.Find(program) is not null;

    /// <summary>The program; <see langword="null"/> where there is none.</summary>
    /// <param name="content">What the volume holds, by blkid's name.</param>
    public static string? ProgramOf(string content) => content switch
    {
        "ext2" or "ext3" or "ext4" => "fuse2fs",
        "ntfs" => "ntfs-3g",
        _ => null,
    };
}
