using Hyper2Kvm.Helpers.Output.Native;

namespace Hyper2Kvm.Helpers.Output.Disks;

/// <summary>Which file a name means, whatever its name: so that an undo never removes somebody else's file of the same name.</summary>
/// <param name="Device">Device, major number in the upper 32 bits.</param>
/// <param name="Inode">Inode on the device.</param>
/// <param name="Born">Time of birth in nanoseconds since 1970; file systems reuse inode numbers at once. 0 where the file system keeps none.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, long Born)
{
    /// <summary>The file that a path names (a link is not followed), or <see langword="null"/> where there is none.</summary>
    /// <param name="path">The path.</param>
    public static FileIdentity? Of(string path)
        => NativeMethods.Identify(path, out var device, out var inode, out var born) == 0 ? new FileIdentity(device, inode, born) : null;
}
