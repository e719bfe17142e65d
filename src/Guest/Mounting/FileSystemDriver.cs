using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>How a file system of a kind is mounted.</summary>
internal static class FileSystemDriver
{
    /// <summary>Whether the engine mounts this kind at all.</summary>
    /// <param name="content">What the volume holds, by blkid's name.</param>
    public static bool Knows(string? content) => content is "ext2" or "ext3" or "ext4" or "xfs" or "btrfs" or "vfat" or "exfat" or "squashfs" or "iso9660";

    /// <summary>Whether a root of a Linux system can be on it.</summary>
    /// <param name="content">What the volume holds, by blkid's name.</param>
    public static bool HoldsSystems(string? content) => content is "ext2" or "ext3" or "ext4" or "xfs" or "btrfs";

    /// <summary>Options for mount(2).</summary>
    /// <param name="content">What the volume holds.</param>
    /// <param name="subvolume">btrfs option that chooses the subvolume.</param>
    /// <param name="deviceReadOnly">The device cannot be written: a dirty journal cannot be replayed and has to be passed over.</param>
    public static string Options(string content, string? subvolume, bool deviceReadOnly)
    {
        var options = new List<string>();
        switch (content)
        {
            case "ext2" or "ext3" or "ext4":
                // Else the superblock decides, and a hostile one says errors=panic: the host would be gone.
                options.Add("errors=remount-ro");
                if (deviceReadOnly && content != "ext2")
                {
                    options.Add("noload");
                }

                break;
            case "xfs":
                // A clone of the guest, or the host's own disk, may be mounted with the same UUID; XFS would refuse.
                options.Add("nouuid");
                if (deviceReadOnly)
                {
                    options.Add("norecovery");
                }

                break;
            case "btrfs":
                if (subvolume is not null)
                {
                    options.Add(subvolume);
                }

                if (deviceReadOnly)
                {
                    options.Add("rescue=nologreplay");
                }

                break;
            default:
                break;
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
        Errno.Io => $"the disk gave an error, or the {content} file system is damaged or cut short",
        _ => $"{content}: {SystemError.Text(errno)}",
    };
}
