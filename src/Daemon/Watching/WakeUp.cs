using System.Runtime.InteropServices;
using Hyper2Kvm.Daemon.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>Where the watcher's thread sleeps: until there are events of inotify, a file system is mounted or unmounted, somebody calls, or a time has come. Costs nothing until then.</summary>
internal sealed class WakeUp : IDisposable
{
    private readonly SafeFileHandle _call = NativeMethods.OpenEvent();

    // Becomes readable as an error when the table changes (proc(5), /proc/PID/mounts).
    private readonly SafeFileHandle _mounts = NativeMethods.OpenForReading("/proc/self/mountinfo");

    /// <summary>Wakes the sleeper, now or when it is about to sleep. Any thread.</summary>
    public void Call() => NativeMethods.Wake(_call);

    /// <summary>Sleeps.</summary>
    /// <param name="inotify">Whose events wake; none where the folder is polled.</param>
    /// <param name="longest">Longest time; none: for ever.</param>
    /// <returns>Whether mounts have changed.</returns>
    public unsafe bool Sleep(Inotify? inotify, TimeSpan? longest)
    {
        var entries = stackalloc NativeMethods.PollEntry[3];
        entries[0] = new() { Descriptor = Descriptor(_call), Events = NativeMethods.PollIn };
        entries[1] = new() { Descriptor = Descriptor(_mounts), Events = NativeMethods.PollPriority };
        entries[2] = new() { Descriptor = Descriptor(inotify?.Handle), Events = NativeMethods.PollIn };
        var milliseconds = longest is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, int.MaxValue) : -1;
        if (NativeMethods.Poll(entries, 3, milliseconds) < 0 && Marshal.GetLastPInvokeError() != NativeMethods.ErrorInterrupted)
        {
            throw new IOException("poll failed");
        }

        ulong calls;
        _ = NativeMethods.Read(_call, (byte*)&calls, sizeof(ulong));
        return (entries[1].Returned & (NativeMethods.PollError | NativeMethods.PollPriority)) != 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        _mounts.Dispose();
    }

    /// <summary>poll(2) passes over negative descriptors.</summary>
    private static int Descriptor(SafeFileHandle? handle) => handle is null || handle.IsInvalid ? -1 : (int)handle.DangerousGetHandle();
}
