using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Copy;

/// <summary>
/// Leaves a copy to the file system where both ends are files of one: blocks are shared (xfs with reflink, btrfs, and NFS 4.2, SMB or
/// FUSE over such a one), or a file server copies them on its side. One for each target, used by all its lanes.
/// </summary>
/// <remarks>
/// On a local file system that cannot share, copy_file_range(2) copies through the page cache. 2 GiB on ext4, two threads, wall and CPU
/// seconds: 6.7 to 16.5 and 3.2 to 5.2, and 4 GiB of cache filled; our reads and writes with O_DIRECT: 2.6 to 5.9 and 0.3 to 0.5, no
/// cache. So it is used where it spares the network both ways, and nowhere else.
/// </remarks>
internal sealed class FileSystemCopy
{
    // f_type of statfs(2).
    private const long Nfs = 0x6969;
    private const long Cifs = 0xFF534D42;
    private const long Smb2 = 0xFE534D42;
    private const long Ceph = 0x00C36400;

    private readonly SafeFileHandle _target;
    private readonly bool _server;
    private volatile Way _way = Way.Share;

    /// <summary>Prepares; what the file system can do shows with the first range.</summary>
    /// <param name="target">Open for writing, not with O_APPEND.</param>
    /// <param name="serverCopies">Whether copy_file_range(2) is worth it; null: where the target is on a network file system.</param>
    internal FileSystemCopy(SafeFileHandle target, bool? serverCopies = null)
    {
        _target = target;
        _server = serverCopies ?? NativeMethods.FileSystemType(target) is Nfs or Cifs or Smb2 or Ceph;
    }

    private enum Way
    {
        Share,
        ServerCopy,
        None,
    }

    /// <summary>Makes the target's range the source's, if the file system does that.</summary>
    /// <param name="source">Open for reading.</param>
    /// <param name="offset">Where in both, in bytes.</param>
    /// <param name="length">Bytes, not 0; a multiple of the file system's block, or to the end of the source.</param>
    /// <returns>False: it is to be read and written. A part of it may be done.</returns>
    /// <remarks>
    /// The reason does not matter (other file systems: EXDEV; not able: EOPNOTSUPP; blocks of another size, or only one of the files
    /// with checksums: EINVAL; full, damaged …): reading and writing may still work, or tells the failure with its place. It is not tried again.
    /// </remarks>
    internal bool TryCopy(SafeFileHandle source, ulong offset, ulong length)
    {
        if (_way == Way.Share)
        {
            if (TryShare(source, offset, length)) return true;
            _way = _server ? Way.ServerCopy : Way.None;
        }

        if (_way != Way.ServerCopy) return false;
        if (TryServerCopy(source, offset, length)) return true;
        _way = Way.None;
        return false;
    }

    private bool TryShare(SafeFileHandle source, ulong offset, ulong length)
    {
        int result;
        do
        {
            result = NativeMethods.ShareRange(_target, source, offset, length);
        }
        while (result != 0 && Marshal.GetLastPInvokeError() == NativeMethods.Eintr);

        return result == 0;
    }

    private bool TryServerCopy(SafeFileHandle source, ulong offset, ulong length)
    {
        while (length > 0)
        {
            var (from, to) = ((long)offset, (long)offset);
            var n = NativeMethods.CopyFileRange(source, ref from, _target, ref to, (nuint)length, 0);
            if (n < 0 && Marshal.GetLastPInvokeError() == NativeMethods.Eintr) continue;
            if (n <= 0) return false; // 0: the source ends here, which reading will tell.
            offset += (ulong)n;
            length -= (ulong)n;
        }

        return true;
    }
}
