using System.Text;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Files;

/// <summary>Owner, permission bits and security attributes of a file, to be given to the one that takes its place.</summary>
internal sealed unsafe class FileIdentity
{
    private const int LongestList = 64 * 1024; // XATTR_LIST_MAX
    private const int LongestValue = 64 * 1024; // XATTR_SIZE_MAX

    private readonly List<(string Name, byte[] Value)> _attributes = [];

    private FileIdentity(uint mode, uint user, uint group)
    {
        Mode = mode;
        User = user;
        Group = group;
    }

    private uint Mode { get; }

    private uint User { get; }

    private uint Group { get; }

    /// <summary>That of a new file of root.</summary>
    public static FileIdentity New(uint mode) => new(mode, 0, 0);

    /// <summary>That of an open file: SELinux label, capabilities and POSIX ACL with it; on NTFS its security descriptor and attributes.</summary>
    public static FileIdentity Of(SafeFileHandle file, NativeMethods.FileStatus status)
    {
        var identity = new FileIdentity((uint)status.Mode & 0xFFF, status.UserId, status.GroupId);
        var list = new byte[LongestList];
        fixed (byte* start = list)
        {
            // A file system without attributes has none to keep.
            var length = (int)NativeMethods.ListAttributes(file, start, LongestList);
            foreach (var name in Encoding.UTF8.GetString(list, 0, Math.Max(0, length)).Split('\0', StringSplitOptions.RemoveEmptyEntries))
            {
                if (name.StartsWith("security.", StringComparison.Ordinal) || name == "system.posix_acl_access")
                {
                    identity.Keep(file, name);
                }
            }
        }

        // ntfs-3g has these, and lists none. A new file there is everyone's, which the registry of a Windows must not be.
        identity.Keep(file, "system.ntfs_acl");
        identity.Keep(file, "system.ntfs_attrib");
        return identity;
    }

    /// <summary>Gives it to an open file.</summary>
    /// <param name="file">The file, open for writing.</param>
    /// <param name="path">Its path, for messages.</param>
    public void ApplyTo(SafeFileHandle file, string path)
    {
        // In this order: chown(2) takes set-id bits and capabilities away.
        Check(NativeMethods.ChangeOwner(file, User, Group), path, "cannot be given its owner");
        Check(NativeMethods.ChangeMode(file, Mode), path, "cannot be given its mode");
        foreach (var (name, value) in _attributes)
        {
            fixed (byte* start = value)
            {
                Check(NativeMethods.SetAttribute(file, name, start, (nuint)value.Length, 0), path, $"cannot be given its {name}");
            }
        }
    }

    private static void Check(int result, string path, string what)
    {
        if (result != 0)
        {
            throw GuestErrors.Of(path, what, SystemError.Last);
        }
    }

    private void Keep(SafeFileHandle file, string name)
    {
        var value = new byte[LongestValue];
        fixed (byte* start = value)
        {
            var length = (int)NativeMethods.GetAttribute(file, name, start, LongestValue);
            if (length >= 0)
            {
                _attributes.Add((name, value[..length]));
            }
        }
    }
}
