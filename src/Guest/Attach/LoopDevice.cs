using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Attach;

/// <summary>A loop device over a part of an attached disk. It vanishes with its last user (LO_FLAGS_AUTOCLEAR), so even kill -9 leaves none.</summary>
/// <remarks>See loop(4). Allocated in one place under one lock: four <c>losetup -f</c> at once race and are slower than one after another.</remarks>
internal sealed unsafe class LoopDevice : IDisposable
{
    private const uint FlagReadOnly = 1;
    private const uint FlagAutoClear = 4;
    private const uint BlockDeviceMode = 0x6000 | 0x180; // S_IFBLK, 0600
    private const int LoopMajor = 7;
    private const int Attempts = 64;

    private static readonly Lock Allocation = new();

    private readonly SafeFileHandle _device;

    private LoopDevice(string path, SafeFileHandle device)
    {
        Path = path;
        _device = device;
    }

    /// <summary>Its node, <c>/dev/loop3</c>.</summary>
    public string Path { get; }

    /// <summary>Makes one.</summary>
    /// <param name="backing">Open file that it stands on.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Length, bytes.</param>
    /// <param name="readOnly">Whether writes are refused by the kernel.</param>
    /// <param name="description">What it is for, for messages.</param>
    /// <exception cref="StepException">None is to be had (<see cref="ErrorCodes.ConvertMount"/> or <see cref="ErrorCodes.HostPermission"/>).</exception>
    public static LoopDevice Create(SafeFileHandle backing, long offset, long length, bool readOnly, string description)
    {
        lock (Allocation)
        {
            using var control = OpenNode("/dev/loop-control", NativeMethods.OpenReadWrite)
                ?? throw Failure(description, "/dev/loop-control", SystemError.Last);
            for (var attempt = 1; ; attempt++)
            {
                var number = NativeMethods.Ioctl(control, NativeMethods.LoopGetFree, null);
                if (number < 0)
                {
                    throw Failure(description, "LOOP_CTL_GET_FREE", SystemError.Last);
                }

                var path = $"/dev/loop{number}";
                EnsureNode(path, number);
                var device = OpenNode(path, readOnly ? NativeMethods.OpenReadOnly : NativeMethods.OpenReadWrite)
                    ?? throw Failure(description, path, SystemError.Last);
                if (Configure(device, backing, offset, length, readOnly) == 0)
                {
                    return new LoopDevice(path, device);
                }

                var errno = SystemError.Last;
                device.Dispose();

                // EBUSY: another process took it between the two calls. The next one that is free will do.
                if (errno != Errno.Busy || attempt == Attempts)
                {
                    throw Failure(description, path, errno);
                }
            }
        }
    }

    /// <summary>Waits for what was written through it, and says whether any of it was lost since it was made.</summary>
    /// <returns>0, or the errno.</returns>
    public int Flush() => NativeMethods.Sync(_device) == 0 ? 0 : SystemError.Last;

    /// <inheritdoc/>
    public void Dispose() => _device.Dispose();

    private static int Configure(SafeFileHandle device, SafeFileHandle backing, long offset, long length, bool readOnly)
    {
        var configuration = new NativeMethods.LoopConfiguration
        {
            BackingFile = (uint)backing.DangerousGetHandle(),
            Offset = (ulong)offset,
            SizeLimit = (ulong)length,
            Flags = FlagAutoClear | (readOnly ? FlagReadOnly : 0),
        };
        return NativeMethods.Ioctl(device, NativeMethods.LoopConfigure, &configuration);
    }

    private static void EnsureNode(string path, int number)
    {
        // Containers and minimal hosts have no devtmpfs that would make the node.
        if (!File.Exists(path))
        {
            _ = NativeMethods.MakeNode(path, BlockDeviceMode, ((ulong)LoopMajor << 8) | ((uint)number & 0xFF) | (((ulong)number & ~0xFFUL) << 12));
        }
    }

    private static SafeFileHandle? OpenNode(string path, int flags)
    {
        var descriptor = NativeMethods.Open(path, flags | NativeMethods.OpenCloseOnExec, 0);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static StepException Failure(string description, string what, int errno) => errno is Errno.NotPermitted or Errno.AccessDenied
        ? new StepException(ErrorCodes.HostPermission, $"{description}: a loop device may not be made ({what}: {SystemError.Text(errno)})")
        : new StepException(ErrorCodes.ConvertMount, $"{description}: no loop device is to be had ({what}: {SystemError.Text(errno)})", "Check that the host's kernel has loop devices (modprobe loop).");
}
