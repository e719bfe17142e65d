using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Copy;

/// <summary>A raw file or block device on this machine, read where it is.</summary>
internal sealed class FileSourceDisk : ISourceDisk
{
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly BufferPool _pool;

    internal FileSourceDisk(string path, BufferPool pool)
    {
        _path = path;
        _pool = pool;
        _file = NativeMethods.Open(path, NativeMethods.ReadOnly | NativeMethods.CloseOnExec, 0);
        if (_file.IsInvalid) throw new FileSystemErrorException(path, "open", Marshal.GetLastPInvokeError());
        var size = NativeMethods.Seek(_file, 0, NativeMethods.SeekEnd);
        if (size < 0) throw new FileSystemErrorException(path, "lseek", Marshal.GetLastPInvokeError());
        Size = (ulong)size;
    }

    public ulong Size { get; }

    public string Identity => EndpointIdentity.OfSource(_path);

    public bool ManyLanes => true;

    public uint MinimumBlock => 1;

    public uint MaximumRead => int.MaxValue;

    public ISourceLane OpenLane() => new FileSourceLane(_file, _path, _pool);

    public void Dispose() => _file.Dispose();
}
