using System.Runtime.InteropServices;
using Hyper2Kvm.Nbd;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Copy;

/// <summary>Reads of a file: submitted reads are done when they are waited for.</summary>
internal sealed unsafe class FileSourceLane(FileSourceDisk disk, BufferPool pool) : ISourceLane
{
    private const int Page = NbdBuffer.Alignment;

    private readonly Queue<(ulong Offset, uint Length)> _submitted = new();

    internal SafeFileHandle File => disk.Buffered;

    public int InFlight => _submitted.Count;

    /// <summary>SEEK_DATA and SEEK_HOLE. Only one lane asks at a time (the disk's queue sees to it); pread does not move the file's position.</summary>
    public IReadOnlyList<SourceExtent> Extents(ulong offset, ulong length)
    {
        var data = NativeMethods.Seek(disk.Buffered, (long)offset, NativeMethods.SeekData);
        if (data < 0)
        {
            // ENXIO: no data from here to the end. Anything else: the file system cannot tell, so all may be data.
            var isZero = Marshal.GetLastPInvokeError() == NativeMethods.Enxio;
            if (isZero) disk.MustBeWhole();
            return [new SourceExtent(offset, length, isZero)];
        }

        if ((ulong)data > offset) return [new SourceExtent(offset, Math.Min((ulong)data - offset, length), true)];
        var hole = NativeMethods.Seek(disk.Buffered, (long)offset, NativeMethods.SeekHole);
        return [new SourceExtent(offset, hole > data ? Math.Min((ulong)hole - offset, length) : length, false)];
    }

    public void Submit(ulong offset, uint length) => _submitted.Enqueue((offset, length));

    public SourceData Receive()
    {
        var (offset, length) = _submitted.Dequeue();
        var buffer = pool.Rent((int)length);
        var file = FileFor(offset, length);
        for (nuint done = 0; done < length;)
        {
            var n = NativeMethods.ReadAt(file, (byte*)buffer.Pointer + done, length - done, (long)(offset + done));
            if (n > 0)
            {
                done += (nuint)n;
                if (done % Page != 0) file = disk.Buffered; // A short read may end anywhere.
                continue;
            }

            var errno = n == 0 ? 5 : Marshal.GetLastPInvokeError();
            if (n < 0 && errno == NativeMethods.Eintr) continue;
            if (n < 0 && errno == NativeMethods.Einval && file != disk.Buffered)
            {
                disk.DropDirect();
                file = disk.Buffered;
                continue;
            }

            return new SourceData(offset, length, buffer, new FileSystemErrorException(disk.Path, n == 0 ? "read beyond the end (the file shrank)" : "pread", errno));
        }

        return new SourceData(offset, length, buffer, null);
    }

    public void Return(NbdBuffer buffer) => pool.Return(buffer);

    public void Shutdown()
    {
        // A read of a local file ends by itself.
    }

    public void Dispose()
    {
        // The descriptor is the disk's, the pool the run's.
    }

    /// <summary>Whole pages that are not cached are read with O_DIRECT, which wants them whole; the tail of an odd size is none.</summary>
    private SafeFileHandle FileFor(ulong offset, uint length) =>
        disk.DirectFile is { } direct && offset % Page == 0 && length % Page == 0 && !disk.IsCached(offset, length) ? direct : disk.Buffered;
}
