using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Mounting;

/// <content>The end: all that was written reaches the disks, or somebody is told.</content>
internal sealed partial class MountTree
{
    /// <summary>Syncs all, unmounts in order, and makes sure that no write was lost on its way to the disks.</summary>
    /// <exception cref="StepException">Something was lost or is still in use (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        var problems = new List<string>();
        _namespace.Run(() => UnmountAll(problems));
        ForgetDevices();
        foreach (var (key, device) in _devices)
        {
            // The loop device is still held: it knows of every block that the kernel could not write after the last sync.
            Note(problems, key.Volume.Device, "what was written is lost", key.ReadOnly || !_options.Writable ? 0 : device.Flush());
            device.Dispose();
        }

        CloseAppliance(problems);
        if (_options.Writable)
        {
            _caches.EndWriting();
            _volumes.Flush(_devices.Keys.Select(key => key.Volume).Concat(_shown.Select(shown => shown.Volume)));
        }

        if (problems.Count > 0)
        {
            throw new StepException(ErrorCodes.ConvertDisk, $"the guest's file systems could not be closed: {string.Join("; ", problems)}");
        }
    }

    private static void Note(List<string> problems, string device, string what, int errno)
    {
        if (errno != 0)
        {
            problems.Add($"{device}: {what}: {SystemError.Text(errno)}");
        }
    }

    /// <summary>Unmounts, and waits while it is busy: a child that another thread starts holds all our files from fork(2) to exec(2), which takes milliseconds.</summary>
    /// <returns>0, or the errno.</returns>
    private static int Unmount(string path)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (NativeMethods.Unmount(path, NativeMethods.UnmountNoFollow) != 0)
        {
            var errno = SystemError.Last;
            if (errno != Errno.Busy || TimeProvider.System.GetElapsedTime(start) > LongestBusy)
            {
                return errno;
            }

            Thread.Yield();
        }

        return 0;
    }

    private void UnmountAll(List<string> problems)
    {
        while (_mounted.TryPop(out var mounted))
        {
            var device = mounted.Volume.Device;
            Note(problems, device, "what was written is lost", _options.Writable && !mounted.IsReadOnly ? mounted.Sync() : 0);
            mounted.Dispose();
            if (Unmount(mounted.HostPath) is var errno and not 0)
            {
                Note(problems, device, "cannot be unmounted", errno);
                _ = NativeMethods.Unmount(mounted.HostPath, NativeMethods.UnmountDetach | NativeMethods.UnmountNoFollow);
            }

            if (mounted.Server is { } server)
            {
                if (server.End() is { } failure && _options.Writable)
                {
                    problems.Add($"{device}: {failure}");
                }

                server.Dispose();
            }
        }
    }
}
