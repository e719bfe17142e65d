using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Mounting;

/// <content>btrfs, whose devices the kernel joins by their UUID over the whole host.</content>
internal sealed partial class MountTree
{
    private readonly Lock _btrfsGate = new();
    private readonly HashSet<LoopDevice> _ownDevices = [];

    /// <summary>Mounts a btrfs after a look whether the kernel takes our device for it and no other. The look writes nothing: it is read-only and passes over the log.</summary>
    /// <returns>0, or the errno.</returns>
    /// <exception cref="MountFailure">The kernel takes another device.</exception>
    private int MountBtrfs(LoopDevice device, string mountPoint, ulong flags, string options)
    {
        lock (_btrfsGate)
        {
            if (!_ownDevices.Contains(device))
            {
                if (MountAt(device, "btrfs", mountPoint, Flags | NativeMethods.MountReadOnly, FileSystemDriver.PassesOverJournal("btrfs")!) is var errno and not 0)
                {
                    return errno;
                }

                RequireOwnDevice(device, mountPoint);
                _ownDevices.Add(device);
            }

            return MountAt(device, "btrfs", mountPoint, flags, options);
        }
    }

    /// <summary>Unmounts what was mounted for the look.</summary>
    private void RequireOwnDevice(LoopDevice device, string mountPoint)
    {
        bool isOwn;
        string path;
        using (var top = OpenMountPoint(mountPoint, list: true))
        {
            isOwn = BtrfsDevices.IsOnly(top, device.Path);
            path = HostPath(top);
        }

        if (Unmount(path) is var errno and not 0)
        {
            throw new MountFailure($"btrfs: it cannot be unmounted: {SystemError.Text(errno)}", errno);
        }

        if (!isOwn)
        {
            throw new MountFailure(
                "this host has another btrfs of the same UUID, and its kernel takes that one's device: unmount the other (a clone or template of this guest) and run 'btrfs device scan --forget' on the host",
                Errno.Exists);
        }
    }

    private void ForgetDevices()
    {
        foreach (var device in _ownDevices)
        {
            BtrfsDevices.Forget(device.Path);
        }
    }
}
