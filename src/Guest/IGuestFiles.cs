namespace Hyper2Kvm.Guest;

/// <summary>What kind of thing a path of a guest names.</summary>
public enum GuestFileKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link (only reported where links are not followed).</summary>
    SymbolicLink,

    /// <summary>A device node, FIFO or socket: never opened.</summary>
    Special,
}

/// <summary>What <c>lstat</c> says of one file of a guest.</summary>
/// <param name="Kind">What the path names.</param>
/// <param name="Length">Length in bytes; 0 for anything but a regular file.</param>
/// <param name="Mode">Permission bits, as in <c>st_mode &amp; 07777</c>.</param>
/// <param name="UserId">Numeric owner in the guest.</param>
/// <param name="GroupId">Numeric group in the guest.</param>
public sealed record GuestFileStatus(GuestFileKind Kind, long Length, uint Mode, uint UserId, uint GroupId);

/// <summary>
/// The tree of files of one guest, rooted at its <c>/</c>, with its other file systems in their places.
/// </summary>
/// <remarks>
/// Paths are absolute, with <c>/</c> as separator. A symbolic link is resolved inside the guest: an absolute target starts at the
/// guest's root, and <c>..</c> never leads out of it. Only regular files are opened; a FIFO or a device node gives
/// <see cref="GuestFileException"/>, never a hang.
/// Conversion logic is written against this interface only, so that it can be tested on a folder (<see cref="Files.ConfinedFiles"/>).
/// What stops the whole conversion is a <see cref="Core.Errors.StepException"/> with a code of its own: a full file system
/// (<c>convert.no-space</c>) and a lost or damaged disk (<c>convert.disk</c>).
/// </remarks>
public interface IGuestFiles
{
    /// <summary>The status of what a path names, or <see langword="null"/> where nothing is.</summary>
    /// <param name="path">Absolute path in the guest.</param>
    /// <param name="followLinks">Follow a symbolic link in the last component too; a dangling one gives <see langword="null"/>.</param>
    GuestFileStatus? Status(string path, bool followLinks = true);

    /// <summary>The names in a directory, sorted by ordinal, without <c>.</c> and <c>..</c>; empty where the directory does not exist.</summary>
    /// <param name="path">Absolute path of a directory in the guest.</param>
    IReadOnlyList<string> List(string path);

    /// <summary>The whole content of a regular file.</summary>
    /// <param name="path">Absolute path in the guest.</param>
    /// <param name="limit">The most bytes that are accepted (a hostile guest can hold a 10 GiB <c>/etc/fstab</c>).</param>
    /// <exception cref="GuestFileException">The file is missing, not regular, or longer than <paramref name="limit"/>.</exception>
    byte[] Read(string path, long limit = 16 * 1024 * 1024);

    /// <summary>Opens a regular file for reading as a stream.</summary>
    /// <param name="path">Absolute path in the guest.</param>
    /// <exception cref="GuestFileException">The file is missing or not regular.</exception>
    Stream OpenRead(string path);

    /// <summary>
    /// Replaces or creates a file: written beside it, synced, renamed. Owner, mode and security label of a file that is
    /// replaced are kept; a link is followed, so that what it names is replaced.
    /// </summary>
    /// <param name="path">Absolute path in the guest; missing parent directories are made (root, 0755).</param>
    /// <param name="content">The new content.</param>
    /// <param name="mode">Permission bits of a file that did not exist.</param>
    void Write(string path, ReadOnlySpan<byte> content, uint mode = 0x1A4);

    /// <summary>Copies a regular file inside the guest, with owner, mode and label; the target must not exist.</summary>
    void Copy(string from, string to);

    /// <summary>Renames inside one file system of the guest, replacing a regular file.</summary>
    void Rename(string from, string to);

    /// <summary>Makes a symbolic link, replacing one that is there already.</summary>
    /// <param name="path">Where the link is to be.</param>
    /// <param name="target">What it holds, as is.</param>
    void Link(string path, string target);

    /// <summary>What a symbolic link holds, or <see langword="null"/> where the path is no link.</summary>
    string? ReadLink(string path);

    /// <summary>Removes one file or link; nothing happens where none is.</summary>
    void Delete(string path);

    /// <summary>Makes a directory of root's, and those above it that are missing (root, 0755); one that is there stays as it is.</summary>
    /// <param name="path">Absolute path in the guest.</param>
    /// <param name="mode">Its permission bits.</param>
    void MakeDirectory(string path, uint mode);

    /// <summary>Removes a file, a link (not what it names), or a directory with all that is in it; nothing happens where none is.</summary>
    /// <param name="path">Absolute path in the guest.</param>
    void DeleteTree(string path);

    /// <summary>Gives a file or directory its permission bits; a link is followed.</summary>
    void SetMode(string path, uint mode);

    /// <summary>Gives a file or directory its owner, by the guest's numbers; a link is followed.</summary>
    void SetOwner(string path, uint user, uint group);

    /// <summary>The SELinux label of a file, directory or link (links are not followed); <see langword="null"/> where it has none.</summary>
    string? Label(string path);

    /// <summary>Gives a file, directory or link its SELinux label (links are not followed).</summary>
    /// <returns>Whether its file system keeps labels and this host lets us set them.</returns>
    bool SetLabel(string path, string label);

    /// <summary>Free space of the file system that holds a path, in bytes, as an unprivileged program would see it.</summary>
    long FreeBytes(string path);

    /// <summary>How many more files the file system that holds a path can have (its free inodes); <see cref="long.MaxValue"/> where that is not limited.</summary>
    long FreeFiles(string path);
}

/// <summary>A file of the guest could not be reached as asked.</summary>
/// <param name="path">The path in the guest.</param>
/// <param name="message">What was wrong with it.</param>
/// <param name="inner">The cause, where there is one.</param>
public sealed class GuestFileException(string path, string message, Exception? inner = null) : IOException($"{path}: {message}", inner)
{
    /// <summary>The path in the guest.</summary>
    public string GuestPath { get; } = path;
}
