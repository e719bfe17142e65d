using System.Runtime.InteropServices;
using Hyper2Kvm.Nbd;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Copy;

/// <summary>Writes to a file or device with pwrite.</summary>
internal sealed unsafe class FileTargetLane(FileTargetDisk disk) : ITargetLane
{
    private const int Page = NbdBuffer.Alignment;

    public bool HasFailed => false;

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        fixed (byte* p = data)
        {
            var whole = 0;
            if (disk.DirectFile is { } direct && offset % Page == 0 && (nuint)p % Page == 0)
            {
                whole = data.Length / Page * Page;
                if (!TryWriteAll(direct, p, whole, (long)offset))
                {
                    disk.DropDirect();
                    whole = 0;
                }
            }

            if (!TryWriteAll(disk.Buffered, p + whole, data.Length - whole, (long)offset + whole)) throw Failed("pwrite", NativeMethods.Einval);
        }
    }

    public bool TryCopyFrom(ISourceLane source, SourceExtent extent) =>
        source is FileSourceLane local && disk.FileSystemCopy is { } copy && copy.TryCopy(local.File, extent.Offset, extent.Length);

    public void Zero(ulong offset, ulong length, CancellationToken cancellation)
    {
        // punch(hole) on a block device is BLKDEV_ZERO_NOFALLBACK, zero(range) is BLKDEV_ZERO_NOUNMAP: blkdev_fallocate of Linux.
        // A device takes whole sectors: the tail of an odd size is written, and only that.
        var mode = disk.Allocated ? NativeMethods.FallocZeroRange : NativeMethods.FallocPunchHole;
        var whole = disk.IsDevice && offset % Page == 0 ? length / Page * Page : length;
        if (whole > 0 && (Fallocate(mode, offset, whole) || Fallocate(NativeMethods.FallocZeroRange, offset, whole)))
        {
            offset += whole;
            length -= whole;
        }

        if (length == 0) return;
        using var zeroes = new NbdBuffer(256 * 1024);
        zeroes.Span.Clear();
        while (length > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var part = (int)Math.Min(length, (ulong)zeroes.Capacity);
            Write(offset, zeroes.Span[..part]);
            offset += (ulong)part;
            length -= (ulong)part;
        }
    }

    public void Drain()
    {
        // Every write is complete when it returns.
    }

    public void Flush()
    {
        if (NativeMethods.Sync(disk.Buffered) != 0) throw Failed("fsync", Marshal.GetLastPInvokeError());
    }

    public bool TakeFailed(out SourceExtent piece, out Exception error)
    {
        (piece, error) = (default, null!);
        return false;
    }

    public void Shutdown()
    {
        // A write to a local file ends by itself.
    }

    public void Dispose()
    {
        // The descriptors are the disk's.
    }

    /// <summary>False if the very first write is refused with EINVAL: O_DIRECT that the file system does not do.</summary>
    private bool TryWriteAll(SafeFileHandle file, byte* data, int length, long offset)
    {
        for (var done = 0; done < length;)
        {
            var n = NativeMethods.WriteAt(file, data + done, (nuint)(length - done), offset + done);
            if (n > 0)
            {
                done += (int)n;
                continue;
            }

            var errno = n == 0 ? NativeMethods.Enospc : Marshal.GetLastPInvokeError();
            if (errno == NativeMethods.Eintr) continue;
            if (errno == NativeMethods.Einval && done == 0) return false;
            throw Failed("pwrite", errno);
        }

        return true;
    }

    private bool Fallocate(int mode, ulong offset, ulong length)
    {
        if (NativeMethods.Fallocate(disk.Buffered, mode | NativeMethods.FallocKeepSize, (long)offset, (long)length) == 0) return true;
        var errno = Marshal.GetLastPInvokeError();

        // EINVAL: a range that is no multiple of the device's sector.
        if (errno is NativeMethods.Eopnotsupp or NativeMethods.Einval) return false;
        throw Failed("fallocate", errno);
    }

    private FileSystemErrorException Failed(string call, int errno) => new(disk.Path, call, errno);
}
