using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>How a file system of a kind is mounted.</summary>
internal static class FileSystemDriver
{
    /// <summary>Whether the engine mounts this kind at all.</summary>
    /// <param name="content">What the volume holds, by blkid's name.</param>
    public static bool Knows(string? content) => content is "ext2" or "ext3" or "ext4" or "xfs" or "btrfs" or "vfat" or "exfat" or "squashfs" or "iso9660" or "ntfs";

    /// <summary>Whether the root of a Linux system, or Windows, can be on it.</summary>
    /// <param name="content">What the volume holds, by blkid's name.</param>
    public static bool HoldsSystems(string? content) => content is "ext2" or "ext3" or "ext4" or "xfs" or "btrfs" or "ntfs";

    /// <summary>Option that passes over a journal without replaying it; <see langword="null"/> for a file system that has none, or no such option.</summary>
    /// <param name="content">What the volume holds.</param>
    public static string? PassesOverJournal(string content) => content switch
    {
        "ext3" or "ext4" => "noload",
        "xfs" => "norecovery",
        "btrfs" => "rescue=nologreplay",
        _ => null,
    };

    /// <summary>Options for mount(2).</summary>
    /// <param name="content">What the volume holds.</param>
    /// <param name="subvolume">btrfs option that chooses the subvolume.</param>
    /// <param name="way">How it is tried.</param>
    public static string Options(string content, string? subvolume, MountWay way)
    {
        var options = new List<string>();
        switch (content)
        {
            case "ext2" or "ext3" or "ext4":
                // Else the superblock decides, and a hostile one says errors=panic: the host would be gone.
                options.Add("errors=remount-ro");
                break;
            case "xfs":
                // A clone of the guest, or the host's own disk, may be mounted with the same UUID; XFS would refuse.
                options.Add("nouuid");
                break;
            case "btrfs" when subvolume is not null:
                options.Add(subvolume);
                break;
            default:
                break;
        }

        if (way == MountWay.WithoutJournal && PassesOverJournal(content) is { } passesOver)
        {
            options.Add(passesOver);
        }

        return string.Join(',', options);
    }

    /// <summary>What a failed mount means, for people.</summary>
    /// <param name="content">What the volume holds.</param>
    /// <param name="errno">The error number of mount(2).</param>
    public static string Explain(string content, int errno) => errno switch
    {
        Errno.NoDevice => $"no {content} driver on this host",
        // EFSCORRUPTED and EFSBADCRC of ext4 and XFS.
        Errno.NeedsCleaning or Errno.BadMessage => $"the {content} file system is damaged ({SystemError.Text(errno)})",
        Errno.Invalid => $"the {content} file system is damaged, or has features that this host's kernel does not know",
        Errno.Exists when content == "btrfs" => "a btrfs of the same UUID is mounted on this host",
        Errno.NoEntry when content == "btrfs" => "the btrfs has no such subvolume, or lacks a device",
        Errno.ReadOnly or Errno.AccessDenied => $"the journal of the {content} file system would have to be replayed, which needs a disk that may be written",
        Errno.Io => $"the disk gave an error, or the {content} file system is damaged or cut short",
        _ => $"{content}: {SystemError.Text(errno)}",
    };
}
