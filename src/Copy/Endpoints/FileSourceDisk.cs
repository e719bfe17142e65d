using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Copy;

/// <summary>A raw file or block device on this machine, read where it is.</summary>
/// <remarks>
/// What is in the page cache is read from there, everything else around it, with O_DIRECT. 2 GiB to a file on ext4, wall and CPU
/// seconds: nothing cached, through the cache 4.0 to 6.2 and 1.3 to 2.2, around it 3.8 to 4.8 and 0.3; all cached 1.5 and 0.4
/// against 3.3 to 4.3 and 0.3; half of it cached 4.0 to 5.6 and 1.2 to 1.9 against 3.4 to 4.5 and 0.3, with the choice 2.7 to 3.2 and 0.4.
/// </remarks>
internal sealed class FileSourceDisk : ISourceDisk
{
    private readonly BufferPool _pool;
    private readonly CachedPages? _cached;

    internal FileSourceDisk(string path, CopySettings settings, BufferPool pool)
    {
        Path = path;
        _pool = pool;
        if (NativeMethods.FileType(path) is not (0 or NativeMethods.TypeRegular or NativeMethods.TypeBlockDevice))
        {
            throw new FileSystemErrorException(path, "no file, no block device and no socket, so no disk", NativeMethods.Einval);
        }

        Buffered = NativeMethods.Open(path, NativeMethods.ReadOnly | NativeMethods.CloseOnExec, 0);
        if (Buffered.IsInvalid) throw new FileSystemErrorException(path, "open", Marshal.GetLastPInvokeError());
        Size = SizeNow();
        if (!settings.Direct) return;
        var direct = NativeMethods.Open(path, NativeMethods.ReadOnly | NativeMethods.CloseOnExec | NativeMethods.Direct, 0);
        if (direct.IsInvalid) return; // EINVAL: this file system has no O_DIRECT.
        DirectFile = direct;
        _cached = new CachedPages(Buffered, Size);
    }

    internal string Path { get; }

    internal SafeFileHandle Buffered { get; }

    /// <summary>Null where the file system has no O_DIRECT; dropped when a read shows that it has not.</summary>
    internal SafeFileHandle? DirectFile { get; private set; }

    public ulong Size { get; }

    public string Identity => EndpointIdentity.OfSource(Path);

    public bool ManyLanes => true;

    public uint MinimumBlock => 1;

    public ISourceLane OpenLane() => new FileSourceLane(this, _pool);

    /// <summary>Whether all of a range is in the page cache now.</summary>
    /// <param name="offset">Where it starts, a multiple of the page size.</param>
    /// <param name="length">Bytes.</param>
    internal bool IsCached(ulong offset, uint length) => _cached?.Hold(offset, length) ?? true;

    /// <summary>The file system took the open but not the read: go on through the page cache.</summary>
    internal void DropDirect() => DirectFile = null;

    /// <summary>Behind the end of a file that was cut SEEK_DATA finds none, as in a hole: what is gone must not become zeroes.</summary>
    public void MustBeWhole()
    {
        if (SizeNow() is var now && now < Size) throw new FileSystemErrorException(Path, $"the file had {Size} bytes and was cut to {now}", NativeMethods.Eio);
    }

    public void Dispose()
    {
        _cached?.Dispose();
        DirectFile?.Dispose();
        Buffered.Dispose();
    }

    private ulong SizeNow()
    {
        var size = NativeMethods.Seek(Buffered, 0, NativeMethods.SeekEnd);
        return size < 0 ? throw new FileSystemErrorException(Path, "lseek", Marshal.GetLastPInvokeError()) : (ulong)size;
    }
}
