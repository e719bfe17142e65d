namespace Hyper2Kvm.Guest.Attach;

/// <summary>Where one disk of a guest is to be had.</summary>
/// <param name="Path">Unix socket of an NBD server (its default export), or a raw file or block device.</param>
/// <param name="IsSocket">Whether <paramref name="Path"/> is a socket.</param>
/// <param name="ReadOnly">Whether the disk may only be read: then no journal is replayed either.</param>
public sealed record GuestDiskSource(string Path, bool IsSocket, bool ReadOnly)
{
    /// <summary>A disk behind an NBD server.</summary>
    /// <param name="path">The server's Unix socket.</param>
    /// <param name="readOnly">Never write.</param>
    public static GuestDiskSource Socket(string path, bool readOnly = false) => new(path, IsSocket: true, readOnly);

    /// <summary>A disk that is a plain raw file or a block device.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readOnly">Never write.</param>
    public static GuestDiskSource Raw(string path, bool readOnly = false) => new(path, IsSocket: false, readOnly);
}
