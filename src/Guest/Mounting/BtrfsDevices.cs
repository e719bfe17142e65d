using System.Text;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>What the kernel knows of the devices of a btrfs (linux/btrfs.h).</summary>
internal static unsafe class BtrfsDevices
{
    private const string Control = "/dev/btrfs-control";

    /// <summary>Whether a mounted btrfs lies on one device alone, and on which: the kernel joins devices by the UUID in their superblocks, and may have taken another that was registered or mounted before.</summary>
    /// <param name="root">Its root, open.</param>
    /// <param name="device">The device that it has to lie on.</param>
    public static bool IsOnly(SafeFileHandle root, string device)
    {
        var all = default(NativeMethods.BtrfsInformation);
        if (NativeMethods.Ioctl(root, NativeMethods.BtrfsGetInformation, &all) != 0 || all.Devices != 1)
        {
            return false;
        }

        var one = new NativeMethods.BtrfsDeviceInformation { Id = all.LargestId };
        return NativeMethods.Ioctl(root, NativeMethods.BtrfsGetDevice, &one) == 0
            && Encoding.UTF8.GetString(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(one.Path)) == device;
    }

    /// <summary>Makes the kernel forget a device that is not mounted: later kernels do so by themselves, older ones would join it with whatever is given its UUID later.</summary>
    /// <param name="device">The device.</param>
    public static void Forget(string device)
    {
        var descriptor = NativeMethods.Open(Control, NativeMethods.OpenReadWrite | NativeMethods.OpenCloseOnExec, 0);
        if (descriptor < 0)
        {
            return; // No such node: nothing was mounted by this kernel either.
        }

        using var control = new SafeFileHandle(descriptor, ownsHandle: true);
        var named = default(NativeMethods.BtrfsVolume);
        Encoding.UTF8.GetBytes(device, new Span<byte>(named.Name, NativeMethods.BtrfsVolume.LongestName - 1));
        _ = NativeMethods.Ioctl(control, NativeMethods.BtrfsForgetDevice, &named);
    }
}
