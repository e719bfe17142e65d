using System.Text;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Files;

/// <content>Directories, owners, permission bits and SELinux labels.</content>
public sealed unsafe partial class ConfinedFiles
{
    private const string LabelAttribute = "security.selinux";
    private const int LongestLabel = 4096; // the kernel's page, which bounds a context in selinuxfs

    /// <inheritdoc/>
    public void MakeDirectory(string path, uint mode)
    {
        if (Status(path) is { } there)
        {
            if (there.Kind != GuestFileKind.Directory)
            {
                throw new GuestFileException(path, "is no directory and is not replaced by one");
            }

            return;
        }

        using var change = new Change(_directories);
        using var parent = OpenParent(path, create: true);
        Check(NativeMethods.MakeDirectoryAt(parent, ConfinedTree.Split(path).Name, 0x1C0), path, "cannot be made"); // 0700 until it has its mode
        SetMode(path, mode);
    }

    /// <inheritdoc/>
    public void DeleteTree(string path)
    {
        if (Status(path, followLinks: false)?.Kind != GuestFileKind.Directory)
        {
            Delete(path);
            return;
        }

        using var change = new Change(_directories);
        foreach (var name in ReadNames(path))
        {
            DeleteTree($"{path}/{name}");
        }

        using var parent = OpenParent(path, create: false);
        Check(NativeMethods.UnlinkAt(parent, ConfinedTree.Split(path).Name, NativeMethods.RemoveDirectory), path, "cannot be removed");
    }

    /// <inheritdoc/>
    public void SetMode(string path, uint mode)
    {
        using var file = OpenAny(path, followLinks: true);
        Check(NativeMethods.ChangeModeOf(DescriptorPath(file), mode), path, "cannot be given its mode");
    }

    /// <inheritdoc/>
    public void SetOwner(string path, uint user, uint group)
    {
        using var file = OpenAny(path, followLinks: true);
        Check(NativeMethods.ChangeOwnerAt(file, string.Empty, user, group, NativeMethods.EmptyPath), path, "cannot be given its owner");
    }

    /// <inheritdoc/>
    public string? Label(string path)
    {
        using var file = _tree.TryOpen(path, followLinks: false, out var errno);
        if (file is null)
        {
            return IsAbsence(errno) ? null : throw GuestErrors.Of(path, "cannot be looked at", errno);
        }

        var value = new byte[LongestLabel];
        fixed (byte* start = value)
        {
            // Absent, not supported by the file system, or longer than any label: there is none to be read.
            var length = (int)NativeMethods.GetAttributeOf(DescriptorPath(file), LabelAttribute, start, LongestLabel);
            return length <= 0 ? null : Encoding.UTF8.GetString(value, 0, length).TrimEnd('\0');
        }
    }

    /// <inheritdoc/>
    public bool SetLabel(string path, string label)
    {
        using var file = OpenAny(path, followLinks: false);
        var value = Encoding.UTF8.GetBytes(label + '\0'); // with its NUL, as setfilecon(3) writes it
        fixed (byte* start = value)
        {
            if (NativeMethods.SetAttributeOf(DescriptorPath(file), LabelAttribute, start, (nuint)value.Length, 0) == 0)
            {
                return true;
            }
        }

        return SystemError.Last is Errno.NotSupported or Errno.NotPermitted or Errno.AccessDenied or Errno.Invalid ? false
            : throw GuestErrors.Of(path, "cannot be given its label", SystemError.Last);
    }

    /// <summary>The link in /proc leads to the very file that was looked at, a symbolic link itself where it is one.</summary>
    private static string DescriptorPath(SafeFileHandle file) => $"/proc/self/fd/{file.DangerousGetHandle()}";

    private SafeFileHandle OpenAny(string path, bool followLinks)
        => _tree.TryOpen(path, followLinks, out var errno) ?? throw GuestErrors.Of(path, "cannot be opened", errno);
}
