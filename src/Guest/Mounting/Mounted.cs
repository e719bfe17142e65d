using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>A mounted file system, held open at its root.</summary>
internal sealed unsafe class Mounted : IDisposable
{
    private readonly SafeFileHandle _root;

    private Mounted(GuestVolume volume, string hostPath, SafeFileHandle root, Fuse.FuseServer? server)
    {
        Server = server;
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
    /// <param name="server">The server behind it.</param>
    public static Mounted Open(GuestVolume volume, string hostPath, Fuse.FuseServer? server)
    {
        const int Flags = NativeMethods.OpenReadOnly | NativeMethods.OpenCloseOnExec;
        var descriptor = NativeMethods.Open(hostPath, Flags | NativeMethods.OpenDirectory | NativeMethods.OpenNoFollow, 0);
        var errno = SystemError.Last;
        return descriptor >= 0
            ? new Mounted(volume, hostPath, new SafeFileHandle(descriptor, ownsHandle: true), server)
            : throw new MountFailure($"its root cannot be opened: {SystemError.Text(errno)}", errno);
    }

    /// <summary>Whether the kernel lets nothing be written on it, whatever was asked for: some file systems are read-only by their kind or by a flag of theirs.</summary>
    public bool IsReadOnly => NativeMethods.StatFileSystem(_root, out var status) != 0 || (status.Flags & NativeMethods.StatReadOnly) != 0;

    /// <summary>The server behind it; <see langword="null"/> where the kernel has the driver.</summary>
    public Fuse.FuseServer? Server { get; }

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
