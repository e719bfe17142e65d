using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Mounting;

/// <content>The tree as programs of the guest are to see it.</content>
internal sealed partial class MountTree
{
    /// <summary>A directory that every host has and every user may pass, of no use to us in our own namespace. Not below /proc: the kernel gives a new one only to who sees all of the old (fs/namespace.c, mount_too_revealing).</summary>
    private const string SandboxPlace = "/sys/fs";

    /// <summary>Where in the namespace the copy is while <see cref="Show{T}"/> runs.</summary>
    public const string ShownRoot = SandboxPlace + "/guest";

    /// <summary>Where files lie that take the place of others.</summary>
    public const string ShownFiles = SandboxPlace + "/files";

    /// <summary>The same command, to be run where the tree is.</summary>
    /// <param name="command">A command.</param>
    public Command Inside(Command command) => _namespace.Inside(command);

    /// <summary>Shows a copy of the tree in which programs may be run and every file belongs to whom it does in the guest, as a user namespace sees it.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="users">The user namespace.</param>
    /// <param name="files">Contents of files to lay beside it, by name.</param>
    /// <param name="body">Runs while the copy is there.</param>
    /// <exception cref="StepException">This host cannot show it (<see cref="ErrorCodes.ConvertRebuild"/>).</exception>
    public T Show<T>(SafeFileHandle users, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, Func<T> body)
    {
        if (!_means.ByKernel)
        {
            throw Unshown("this host's kernel does not mount them itself", "Run as root with --backend direct");
        }

        using var tree = _namespace.Run(() => Translated(users));
        _namespace.Run(() => Attach(tree, files));
        try
        {
            return body();
        }
        finally
        {
            _namespace.Run(() =>
            {
                _ = NativeMethods.Unmount(ShownRoot, NativeMethods.UnmountDetach | NativeMethods.UnmountNoFollow);
                _ = NativeMethods.Unmount(SandboxPlace, NativeMethods.UnmountDetach | NativeMethods.UnmountNoFollow);
            });
        }
    }

    private SafeFileHandle Translated(SafeFileHandle users)
    {
        var descriptor = NativeMethods.CloneMounts(Root);
        if (descriptor < 0)
        {
            throw Unshown(SystemError.Text(SystemError.Last), "Use Linux 5.12 or newer");
        }

        var tree = new SafeFileHandle(descriptor, ownsHandle: true);
        if (NativeMethods.TranslateOwners(tree, users) == 0)
        {
            return tree;
        }

        var reason = SystemError.Text(SystemError.Last);
        tree.Dispose();
        throw Unshown($"owners cannot be translated on {string.Join(", ", _mounted.Select(mounted => mounted.Volume.Content).Distinct())}: {reason}", "Use Linux 5.12 or newer (btrfs: 5.15) and a guest without FUSE mounts");
    }

    private static void Attach(SafeFileHandle tree, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        if (NativeMethods.Mount("hyper2kvm", SandboxPlace, "tmpfs", NativeMethods.MountNoSuid | NativeMethods.MountNoDevices, "mode=0755,size=16m") != 0)
        {
            throw Unshown($"no tmpfs on {SandboxPlace}: {SystemError.Text(SystemError.Last)}", "Mount sysfs on /sys");
        }

        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Passable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        foreach (var directory in new[] { ShownRoot, ShownFiles })
        {
            Directory.CreateDirectory(directory);
            File.SetUnixFileMode(directory, Passable);
        }

        foreach (var (name, content) in files)
        {
            File.WriteAllBytes(Path.Combine(ShownFiles, name), content.Span);
            File.SetUnixFileMode(Path.Combine(ShownFiles, name), Readable);
        }

        using var target = NativeMethods.OpenFile(ShownRoot, readOnly: true);
        if (NativeMethods.AttachMount(tree, target) != 0)
        {
            throw Unshown(SystemError.Text(SystemError.Last), "Use Linux 5.12 or newer");
        }
    }

    private static StepException Unshown(string reason, string remedy)
        => new(ErrorCodes.ConvertRebuild, $"the guest's file systems cannot be shown to its programs in a sandbox: {reason}", $"{remedy}, or leave out --rebuild-initramfs=guest.");
}
