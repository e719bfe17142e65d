using System.Text;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Files;

/// <summary>Opens things below one directory, and never anything outside of it, whatever its links say.</summary>
/// <remarks>Every path goes through openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS from the open root; mounts below it are crossed, as chroot would.</remarks>
internal sealed unsafe class ConfinedTree : IDisposable
{
    /// <summary>As many links as the kernel follows (path_resolution(7)).</summary>
    public const int MostLinks = 40;

    private const int MostRetries = 100;
    private const int LongestLink = 4096; // PATH_MAX

    private readonly SafeFileHandle _root;

    private ConfinedTree(SafeFileHandle root) => _root = root;

    /// <summary>Opens the root directory, a path of the host.</summary>
    /// <param name="hostPath">The directory.</param>
    /// <exception cref="GuestFileException">It is not there, or no directory.</exception>
    public static ConfinedTree Open(string hostPath)
    {
        var descriptor = NativeMethods.Open(hostPath, NativeMethods.OpenPath | NativeMethods.OpenDirectory | NativeMethods.OpenCloseOnExec, 0);
        return descriptor >= 0
            ? new ConfinedTree(new SafeFileHandle(descriptor, ownsHandle: true))
            : throw GuestErrors.Of(hostPath, "cannot be opened", SystemError.Last);
    }

    /// <summary>Opens what a path names without touching it (O_PATH): no device or FIFO notices. <see langword="null"/> and an errno on failure.</summary>
    public SafeFileHandle? TryOpen(string path, bool followLinks, out int errno)
        => OpenAt(path, NativeMethods.OpenPath | (followLinks ? 0 : NativeMethods.OpenNoFollow), out errno);

    /// <summary>Opens a directory for use as the base of the *at calls, or for listing.</summary>
    public SafeFileHandle? TryOpenDirectory(string path, bool list, out int errno)
        => OpenAt(path, NativeMethods.OpenDirectory | (list ? NativeMethods.OpenReadOnly : NativeMethods.OpenPath), out errno);

    /// <summary>Splits a path whose last component must be a plain name.</summary>
    /// <exception cref="GuestFileException">It is not absolute, or ends in a slash, <c>.</c> or <c>..</c>, or holds a NUL.</exception>
    public static (string Directory, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        var name = path[(slash + 1)..];
        if (!path.StartsWith('/') || name is "" or "." or ".." || path.Contains('\0'))
        {
            throw new GuestFileException(path, "is no path of a file");
        }

        return (path[..(slash + 1)], name);
    }

    /// <summary>Opens the directory that a path's last component is in.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="create">Make missing directories.</param>
    /// <param name="errno">Why not.</param>
    public SafeFileHandle? TryOpenParent(string path, bool create, out int errno)
    {
        var directory = Split(path).Directory;
        var parent = TryOpenDirectory(directory, list: false, out errno);
        return parent is null && errno == Errno.NoEntry && create ? MakeDirectories(directory, out errno) : parent;
    }

    /// <summary>The status of an open file, or of a name in an open directory, not followed.</summary>
    public static NativeMethods.FileStatus? StatusOf(SafeFileHandle at, string name = "")
        => NativeMethods.Statx(at, name, NativeMethods.EmptyPath | NativeMethods.NoFollow, 0x7FF, out var status) == 0 ? status : null;

    /// <summary>What a link in an open directory holds (an empty name: the open link itself), or <see langword="null"/>.</summary>
    public static string? ReadLink(SafeFileHandle at, string name = "")
    {
        var buffer = stackalloc byte[LongestLink];
        var length = NativeMethods.ReadLinkAt(at, name, buffer, LongestLink);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, (int)length);
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private SafeFileHandle? OpenAt(string path, int flags, out int errno)
    {
        if (path.Contains('\0'))
        {
            errno = Errno.Invalid;
            return null;
        }

        for (var attempt = 0; ; attempt++)
        {
            var descriptor = NativeMethods.OpenAt2(_root, path, flags, 0, NativeMethods.ResolveInRoot | NativeMethods.ResolveNoMagicLinks);
            errno = descriptor < 0 ? SystemError.Last : 0;
            if (descriptor >= 0)
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            // EAGAIN: something was renamed or mounted anywhere on the host while ".." was resolved; safe to ask again.
            if (errno != Errno.Again || attempt == MostRetries)
            {
                return null;
            }
        }
    }

    private SafeFileHandle? MakeDirectories(string directory, out int errno)
    {
        var reached = "/";
        SafeFileHandle? parent = TryOpenDirectory(reached, list: false, out errno);
        foreach (var name in directory.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (parent is null)
            {
                return null;
            }

            using var made = parent;
            reached += name + "/";
            parent = TryOpenDirectory(reached, list: false, out errno);
            if (parent is null && errno == Errno.NoEntry)
            {
                if (NativeMethods.MakeDirectoryAt(made, name, 0x1ED) != 0)
                {
                    errno = SystemError.Last;
                    return null;
                }

                parent = TryOpenDirectory(reached, list: false, out errno);
                if (parent is not null)
                {
                    // mkdir(2) takes our umask off; the guest shall not see it.
                    using var real = OpenAt(reached, NativeMethods.OpenDirectory, out _);
                    _ = real is null ? 0 : NativeMethods.ChangeMode(real, 0x1ED);
                }
            }
        }

        return parent;
    }
}
