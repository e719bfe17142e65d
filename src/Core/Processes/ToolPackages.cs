using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Core.Processes;

/// <summary>Which Debian package brings which program: for messages, and for <c>doctor</c>.</summary>
public static class ToolPackages
{
    private static readonly Dictionary<string, string> Packages = new(StringComparer.Ordinal)
    {
        ["bwrap"] = "bubblewrap",
        ["btrfs"] = "btrfs-progs",
        ["bzip2"] = "bzip2",
        ["depmod"] = "kmod",
        ["e2fsck"] = "e2fsprogs",
        ["fsck.fat"] = "dosfstools",
        ["fuse2fs"] = "fuse2fs",
        ["guestfish"] = "libguestfs-tools",
        ["kill"] = "procps",
        ["lz4"] = "lz4",
        ["lzop"] = "lzop",
        ["mcopy"] = "mtools",
        ["mdel"] = "mtools",
        ["mdir"] = "mtools",
        ["mmd"] = "mtools",
        ["mren"] = "mtools",
        ["nbdfuse"] = "libnbd-bin",
        ["nbdkit"] = "nbdkit",
        ["ntfs-3g"] = "ntfs-3g",
        ["nsenter"] = "util-linux",
        ["perl"] = "perl-base",
        ["prlimit"] = "util-linux",
        ["qemu-img"] = "qemu-utils",
        ["qemu-nbd"] = "qemu-utils",
        ["qemu-system-x86_64"] = "qemu-system-x86",
        ["setpriv"] = "util-linux",
        ["setsid"] = "util-linux",
        ["unshare"] = "util-linux",
        ["virsh"] = "libvirt-clients",
        ["xfs_repair"] = "xfsprogs",
        ["xz"] = "xz-utils",
        ["zstd"] = "zstd",
    };

    /// <summary>All programs that the product may start, with their packages.</summary>
    public static IReadOnlyDictionary<string, string> All => Packages;

    /// <summary>Package of a program; the program's own name where it is not known.</summary>
    /// <param name="program">Name without a path.</param>
    public static string Of(string program) => Packages.GetValueOrDefault(program, program);

    /// <summary>Full path of a program, looked for in PATH and then in the sbin directories (an ordinary user's PATH lacks them).</summary>
    /// <param name="program">Name, or a path, which is given back where it exists.</param>
    public static string? Find(string program)
    {
        if (program.Contains('/'))
        {
            return File.Exists(program) ? program : null;
        }

        var directories = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries);
        return directories.Concat(["/usr/local/sbin", "/usr/sbin", "/sbin"])
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Full path of a program that has to be there.</summary>
    /// <param name="program">Name, or a path.</param>
    /// <exception cref="StepException">It is not installed (<see cref="ErrorCodes.ToolMissing"/>).</exception>
    public static string Require(string program)
        => Find(program) ?? throw new StepException(
            ErrorCodes.ToolMissing,
            $"the program '{program}' is not installed",
            $"apt-get install {Of(Path.GetFileName(program))}   (hyper2kvm doctor lists everything that is missing)");
}
