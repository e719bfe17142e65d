using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Hyper2Kvm.Core.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Core.Sockets;

/// <summary>The address of a Unix socket, whatever the length of its path: <c>sun_path</c> has 108 bytes (unix(7)), so a longer one is named through a descriptor of its directory.</summary>
public sealed class UnixSocketAddress : IDisposable
{
    private const int LongestPath = 107;

    private readonly SafeFileHandle? _directory;

    private UnixSocketAddress(string path, SafeFileHandle? directory)
    {
        _directory = directory;
        EndPoint = new UnixDomainSocketEndPoint(path);
    }

    /// <summary>What to bind or to connect to, while this address lives.</summary>
    public UnixDomainSocketEndPoint EndPoint { get; }

    /// <summary>Makes the address.</summary>
    /// <param name="path">Path of the socket.</param>
    /// <exception cref="IOException">Its directory cannot be opened.</exception>
    public static UnixSocketAddress Of(string path)
    {
        if (Encoding.UTF8.GetByteCount(path) <= LongestPath)
        {
            return new UnixSocketAddress(path, null);
        }

        var full = Path.GetFullPath(path);
        var directory = NativeMethods.OpenDirectory(Path.GetDirectoryName(full)!);
        if (directory.IsInvalid)
        {
            throw new IOException($"{Path.GetDirectoryName(full)}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }

        return new UnixSocketAddress($"/proc/self/fd/{directory.DangerousGetHandle()}/{Path.GetFileName(full)}", directory);
    }

    /// <inheritdoc/>
    public void Dispose() => _directory?.Dispose();
}
