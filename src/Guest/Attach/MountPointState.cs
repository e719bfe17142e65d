using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Attach;

/// <summary>Tells when a FUSE server has mounted: the mount point's device number changes.</summary>
internal static class MountPointState
{
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Device number of what a path shows in the calling thread's namespace; <see langword="null"/> where nothing is, or its server has ended.</summary>
    /// <param name="path">The mount point.</param>
    public static uint? DeviceOf(string path)
    {
        using var nowhere = new SafeFileHandle(NativeMethods.WorkingDirectory, ownsHandle: false);
        return NativeMethods.Statx(nowhere, path, NativeMethods.NoFollow, 0, out var status) == 0
            ? (status.DeviceMajor << 20) | status.DeviceMinor
            : null;
    }

    /// <summary>Waits for a mount. Looked at every millisecond: a server takes 10 to 30.</summary>
    /// <param name="path">The mount point.</param>
    /// <param name="empty">Its device number before.</param>
    /// <param name="server">The server.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>False where the server ended, or was not ready within 30 s.</returns>
    public static bool WaitForMount(string path, uint? empty, ChildProcess server, CancellationToken cancel)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (DeviceOf(path) is not { } device || device == empty)
        {
            if (server.HasExited || TimeProvider.System.GetElapsedTime(start) > ReadyDeadline)
            {
                return false;
            }

            cancel.WaitHandle.WaitOne(1);
            cancel.ThrowIfCancellationRequested();
        }

        return true;
    }
}
