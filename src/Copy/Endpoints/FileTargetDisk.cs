using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Copy;

/// <summary>
/// A raw file, made anew and so all zero, or a block device. Two descriptors: one with O_DIRECT for whole pages, which
/// spares the page cache (a tenth of the CPU), one without for what is no whole page: the tail of an odd size.
/// </summary>
internal sealed class FileTargetDisk : ITargetDisk
{
    private const uint PermissionsOfNewFile = 0x180; // 0600: a guest's disk is nobody else's business.
    private readonly CopySettings _settings;
    private readonly bool _device;

    /// <summary>Opens it, or makes it.</summary>
    /// <param name="path">Where.</param>
    /// <param name="settings">How.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="keep">Go on with a file that an earlier run made.</param>
    internal FileTargetDisk(string path, CopySettings settings, ulong size, bool keep = false)
    {
        Path = path;
        _settings = settings;
        _device = NativeMethods.FileType(path) == NativeMethods.TypeBlockDevice;

        // O_EXCL of a device, see open(2): not one that is mounted or part of something.
        Buffered = Open(path, _device ? NativeMethods.Exclusive : NativeMethods.Create);
        try
        {
            if (_device) CheckDevice(size);
            else if (!keep) Make(size);

            // Shared blocks move no bytes; what a file server copies cannot be slowed. A digest wants to see the bytes.
            if (!_device && !settings.Allocated && !settings.Verify) FileSystemCopy = new FileSystemCopy(Buffered, settings.Bandwidth > 0 ? false : null);
            if (settings.Direct)
            {
                var direct = NativeMethods.Open(path, NativeMethods.ReadWrite | NativeMethods.CloseOnExec | NativeMethods.Direct, 0);
                if (!direct.IsInvalid) DirectFile = direct; // EINVAL: this file system (an old tmpfs, say) has no O_DIRECT.
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal string Path { get; }

    internal SafeFileHandle Buffered { get; }

    /// <summary>Null where the file system has no O_DIRECT; dropped when a write shows that it has not.</summary>
    internal SafeFileHandle? DirectFile { get; private set; }

    internal bool IsDevice => _device;

    /// <summary>Null for devices, and where blocks of its own were asked for (<c>--allocated</c>).</summary>
    internal FileSystemCopy? FileSystemCopy { get; }

    internal bool Allocated => _settings.Allocated;

    public string Identity => EndpointIdentity.OfTarget(Path);

    public bool ManyLanes => true;

    /// <summary>With O_DIRECT each piece is an operation of the disk, so small holes are not worth one.</summary>
    public int SparseBlock => DirectFile is null ? 4096 : 16 * 1024;

    public bool IsZero(ulong offset, ulong length) => !_device || (_settings.DestinationIsZero && !_settings.Allocated);

    public ITargetLane OpenLane() => new FileTargetLane(this);

    /// <summary>The file system took the open but not the write: go on through the page cache.</summary>
    internal void DropDirect() => DirectFile = null;

    public void Dispose()
    {
        DirectFile?.Dispose();
        Buffered.Dispose();
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        var file = NativeMethods.Open(path, NativeMethods.ReadWrite | NativeMethods.CloseOnExec | flags, PermissionsOfNewFile);
        return file.IsInvalid ? throw new FileSystemErrorException(path, "open", Marshal.GetLastPInvokeError()) : file;
    }

    /// <summary>Cut to nothing, then grown: whatever stood there, the file reads as zeroes now.</summary>
    private void Make(ulong size)
    {
        TargetMark.Remove(Buffered, Path); // First: no journal may take the old file for what comes now.
        if (NativeMethods.Truncate(Buffered, 0) != 0 || NativeMethods.Truncate(Buffered, (long)size) != 0) throw Failed($"ftruncate to {size} bytes");
        if (!_settings.Allocated || size == 0) return;
        if (NativeMethods.Fallocate(Buffered, 0, 0, (long)size) != 0) throw Failed($"fallocate of {size} bytes");
    }

    private void CheckDevice(ulong size)
    {
        var length = NativeMethods.Seek(Buffered, 0, NativeMethods.SeekEnd);
        if (length < 0) throw Failed("lseek");
        if ((ulong)length < size) throw new TargetTooSmallException(Path, (ulong)length, size);
    }

    private FileSystemErrorException Failed(string call) => new(Path, call, Marshal.GetLastPInvokeError());
}
