namespace Hyper2Kvm.Daemon.Native;

/// <summary>What statx(2) says of a path.</summary>
internal readonly record struct PathStatus
{
    private const int TypeMask = 0xF000;
    private const int DirectoryType = 0x4000;
    private const int RegularType = 0x8000;
    private const int LinkType = 0xA000;
    private const int SocketType = 0xC000;

    /// <summary>Type and permissions (st_mode).</summary>
    public required ushort Mode { get; init; }

    /// <summary>Inode.</summary>
    public required ulong Inode { get; init; }

    /// <summary>Device that it is on.</summary>
    public required ulong Device { get; init; }

    /// <summary>Length.</summary>
    public required long Bytes { get; init; }

    /// <summary>Allocated blocks of 512 bytes.</summary>
    public required long Blocks { get; init; }

    /// <summary>Time of the last change of its content, nanoseconds since 1970.</summary>
    public required long ModifiedNanoseconds { get; init; }

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => (Mode & TypeMask) == DirectoryType;

    /// <summary>Whether it is a plain file.</summary>
    public bool IsFile => (Mode & TypeMask) == RegularType;

    /// <summary>Whether it is a socket.</summary>
    public bool IsSocket => (Mode & TypeMask) == SocketType;

    /// <summary>Whether it is a symbolic link.</summary>
    public bool IsLink => (Mode & TypeMask) == LinkType;
}
