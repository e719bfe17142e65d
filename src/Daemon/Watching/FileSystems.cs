using Hyper2Kvm.Daemon.Native;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>Which file systems are written by others than this kernel, so that inotify and leases do not tell it.</summary>
internal static class FileSystems
{
    /// <summary>f_type of statfs(2): linux/magic.h, and the file systems' own sources.</summary>
    private static readonly HashSet<long> Shared =
    [
        0x6969, // NFS
        0x517B, // SMB
        0xFF534D42, // CIFS
        0xFE534D42, // SMB2
        0x01021997, // 9P
        0x65735546, // FUSE: sshfs, virtiofs, glusterfs …
        0x00C36400, // Ceph
        0x5346414F, // AFS
        0x73757245, // Coda
        0x786F4256, // VirtualBox shared folder
        0xBACBACBC, // VMware shared folder
        0x01161970, // GFS2
        0x7461636F, // OCFS2
        0x0BD00BD0, // Lustre
        0x47504653, // GPFS
    ];

    /// <summary>Whether a folder is on such a file system.</summary>
    /// <param name="folder">The folder.</param>
    public static bool IsShared(string folder) => Shared.Contains(NativeMethods.FileSystemType(folder));
}
