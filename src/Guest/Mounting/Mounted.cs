using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>A mounted file system, held open at its root.</summary>
internal sealed unsafe class Mounted : IDisposable
{
    private readonly SafeFileHandle _root;

    private Mounted(GuestVolume volume, string hostPath, SafeFileHandle root)
    {
        Volume = volume;
        HostPath = hostPath;
        _root = root;
    }

    /// <summary>What is mounted.</summary>
    public GuestVolume Volume { get; }

    /// <summary>Where, as a path of the namespace without links.</summary>
    public string HostPath { get; }

    /// <summary>Opens the root of what was just mounted.</summary>
    /// <param name="volume">What is mounted.</param>
    /// <param name="hostPath">Where.</param>
    public static Mounted Open(GuestVolume volume, string hostPath)
    {
        const int Flags = NativeMethods.OpenReadOnly | NativeMethods.OpenCloseOnExec;
        var descriptor = NativeMethods.Open(hostPath, Flags | NativeMethods.OpenDirectory | NativeMethods.OpenNoFollow, 0);
        var errno = SystemError.Last;
        return descriptor >= 0
            ? new Mounted(volume, hostPath, new SafeFileHandle(descriptor, ownsHandle: true))
            : throw new MountFailure($"its root cannot be opened: {SystemError.Text(errno)}", errno);
    }

    /// <summary>Writes what is pending. 0, or the errno: also of a write that failed before (syncfs(2), since Linux 5.8).</summary>
    public int Sync() => NativeMethods.SyncFileSystem(_root) == 0 ? 0 : SystemError.Last;

    /// <summary>FITRIM over the whole file system; bytes, 0 where it cannot.</summary>
    public long Trim()
    {
        var range = new NativeMethods.TrimRange { Length = ulong.MaxValue };
        return NativeMethods.Ioctl(_root, NativeMethods.TrimFileSystem, &range) == 0 ? (long)Math.Min(range.Length, long.MaxValue) : 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();
}
