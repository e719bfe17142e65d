using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Caching;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Files;

/// <summary>The files below one directory of the host, as those of a guest: the root of a mounted guest, or an ordinary folder (for tests of conversion logic).</summary>
/// <remarks>
/// Safe against anything that the tree holds; see <see cref="IGuestFiles"/>. Names that are not UTF-8 are listed with U+FFFD in
/// place of what cannot be read, and cannot be opened. A full file system and a lost disk are <see cref="StepException"/>s
/// (<see cref="ErrorCodes.ConvertNoSpace"/>, <see cref="ErrorCodes.ConvertDisk"/>), all else is <see cref="GuestFileException"/>.
/// </remarks>
public sealed partial class ConfinedFiles : IGuestFiles, IDisposable
{
    private const uint TypeMask = 0xF000; // S_IFMT
    private const uint TypeDirectory = 0x4000;
    private const uint TypeFile = 0x8000;
    private const uint TypeLink = 0xA000;

    private readonly ConfinedTree _tree;
    private readonly TimedCache<string, IReadOnlyList<string>>? _directories;

    private ConfinedFiles(ConfinedTree tree, TimedCache<string, IReadOnlyList<string>>? directories)
    {
        _tree = tree;
        _directories = directories;
    }

    /// <summary>Opens a tree.</summary>
    /// <param name="directory">Its root, a directory of the host.</param>
    /// <exception cref="GuestFileException">There is no such directory.</exception>
    public static ConfinedFiles Open(string directory) => Open(directory, null);

    /// <summary>Opens a tree that nobody but us changes.</summary>
    /// <param name="directory">Its root, a directory of the host.</param>
    /// <param name="directories">Keeps what directories hold.</param>
    /// <exception cref="GuestFileException">There is no such directory.</exception>
    internal static ConfinedFiles Open(string directory, TimedCache<string, IReadOnlyList<string>>? directories) => new(ConfinedTree.Open(directory), directories);

    /// <inheritdoc/>
    public GuestFileStatus? Status(string path, bool followLinks = true)
    {
        using var file = _tree.TryOpen(path, followLinks, out var errno);
        if (file is null)
        {
            return IsAbsence(errno) ? null : throw GuestErrors.Of(path, "cannot be looked at", errno);
        }

        return ConfinedTree.StatusOf(file) is { } status ? Describe(status) : throw GuestErrors.Of(path, "cannot be looked at", SystemError.Last);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string path) => _directories is null ? ReadNames(path) : _directories.Get(path, ReadNames);

    /// <inheritdoc/>
    public byte[] Read(string path, long limit = 16 * 1024 * 1024)
    {
        using var file = OpenRegular(path, out var status);
        var length = (long)status.Length;
        if (length > limit)
        {
            throw new GuestFileException(path, $"is {length} bytes long, more than the {limit} that a file of this kind may have");
        }

        var content = new byte[length];
        var count = ReadFully(file, content, path);
        return count == length ? content : content[..count];
    }

    /// <inheritdoc/>
    public Stream OpenRead(string path) => new FileStream(OpenRegular(path, out _), FileAccess.Read, bufferSize: 0);

    /// <inheritdoc/>
    public string? ReadLink(string path)
    {
        using var file = _tree.TryOpen(path, followLinks: false, out var errno);
        return file is not null ? ConfinedTree.ReadLink(file)
            : IsAbsence(errno) ? null
            : throw GuestErrors.Of(path, "cannot be looked at", errno);
    }

    /// <inheritdoc/>
    public long FreeBytes(string path)
    {
        var status = FileSystemOf(path);
        return (long)Math.Min(status.AvailableBlocks * (ulong)status.FragmentBytes, long.MaxValue);
    }

    /// <inheritdoc/>
    public long FreeFiles(string path) => FileSystemOf(path) is { Files: > 0 } status ? (long)Math.Min(status.FreeFiles, long.MaxValue) : long.MaxValue;

    /// <inheritdoc/>
    public void Dispose() => _tree.Dispose();

    private NativeMethods.FileSystemStatus FileSystemOf(string path)
    {
        for (var at = path; ; at = at.LastIndexOf('/') is > 0 and var slash ? at[..slash] : "/")
        {
            using var file = _tree.TryOpen(at, followLinks: true, out var errno);
            if (file is not null)
            {
                return NativeMethods.StatFileSystem(file, out var status) == 0
                    ? status
                    : throw GuestErrors.Of(path, "has no file system to ask", SystemError.Last);
            }

            // What is not there yet will be made in the nearest directory that is.
            if (!IsAbsence(errno) || at == "/")
            {
                throw GuestErrors.Of(path, "cannot be looked at", errno);
            }
        }
    }

    private IReadOnlyList<string> ReadNames(string path)
    {
        using var directory = _tree.TryOpenDirectory(path, list: true, out var errno);
        if (directory is null)
        {
            return IsAbsence(errno) ? [] : throw GuestErrors.Of(path, "cannot be listed", errno);
        }

        var names = DirectoryEntries.Read(directory, path);
        names.Sort(StringComparer.Ordinal);
        return names.AsReadOnly();
    }

    private static bool IsAbsence(int errno) => errno is Errno.NoEntry or Errno.NotDirectory;

    private static GuestFileStatus Describe(NativeMethods.FileStatus status)
    {
        var kind = (status.Mode & TypeMask) switch
        {
            TypeFile => GuestFileKind.File,
            TypeDirectory => GuestFileKind.Directory,
            TypeLink => GuestFileKind.SymbolicLink,
            _ => GuestFileKind.Special,
        };
        return new GuestFileStatus(kind, kind == GuestFileKind.File ? (long)status.Length : 0, (uint)status.Mode & 0xFFF, status.UserId, status.GroupId);
    }

    private static int ReadFully(SafeFileHandle file, byte[] content, string path)
    {
        var total = 0;
        try
        {
            int count;
            while (total < content.Length && (count = RandomAccess.Read(file, content.AsSpan(total), total)) > 0)
            {
                total += count;
            }
        }
        catch (IOException failed)
        {
            throw new StepException(ErrorCodes.ConvertDisk, $"{path} cannot be read in the guest: {failed.Message}", inner: failed);
        }

        return total;
    }

    /// <summary>Opens a regular file for reading: looked at first through O_PATH, so that a FIFO or a device is never opened.</summary>
    private SafeFileHandle OpenRegular(string path, out NativeMethods.FileStatus status)
    {
        using var found = _tree.TryOpen(path, followLinks: true, out var errno) ?? throw GuestErrors.Of(path, "cannot be opened", errno);
        return Reopen(found, path, out status);
    }

    private static SafeFileHandle Reopen(SafeFileHandle found, string path, out NativeMethods.FileStatus status)
    {
        status = ConfinedTree.StatusOf(found) ?? throw GuestErrors.Of(path, "cannot be looked at", SystemError.Last);
        if ((status.Mode & TypeMask) != TypeFile)
        {
            throw new GuestFileException(path, (status.Mode & TypeMask) == TypeDirectory ? "is a directory" : "is no regular file");
        }

        // The link in /proc leads to the very file that was looked at, even if its name means another one by now.
        const int Flags = NativeMethods.OpenReadOnly | NativeMethods.OpenNonBlocking | NativeMethods.OpenNoTerminal | NativeMethods.OpenCloseOnExec;
        var descriptor = NativeMethods.Open($"/proc/self/fd/{found.DangerousGetHandle()}", Flags, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw GuestErrors.Of(path, "cannot be opened", SystemError.Last);
    }
}
