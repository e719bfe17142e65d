using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Native;

/// <summary>The system calls of the guest engine that .NET does not offer. The only P/Invoke of this project.</summary>
/// <remarks>Each gives -1 and an errno (<see cref="Marshal.GetLastPInvokeError"/>) on failure. Structures are those of 64-bit Linux.</remarks>
internal static unsafe partial class NativeMethods
{
    /// <summary>The library of libargon2 (Debian: libargon2-1), by its soname; it may be absent.</summary>
    public const string Argon2Library = "libargon2.so.1";

    /// <summary>argon2.h, ARGON2_VERSION_13: what RFC 9106 describes.</summary>
    public const uint Argon2Version = 0x13;

    public const int WorkingDirectory = -100; // AT_FDCWD
    public const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    public const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    public const int RemoveDirectory = 0x200; // AT_REMOVEDIR

    public const int OpenReadOnly = 0;
    public const int OpenWriteOnly = 1;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OpenExclusive = 0x80;
    public const int OpenNoTerminal = 0x100;
    public const int OpenNonBlocking = 0x800;
    public const int OpenCloseOnExec = 0x80000;
    public const int OpenPath = 0x200000;
    public static readonly int OpenDirectory = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
    public static readonly int OpenNoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    public const ulong ResolveNoMagicLinks = 2;
    public const ulong ResolveInRoot = 0x10;

    public const uint RenameNoReplace = 1;

    public const long StatReadOnly = 1; // ST_RDONLY

    public const int UnshareMounts = 0x20000; // CLONE_NEWNS
    public const int UnshareFileSystem = 0x200; // CLONE_FS

    public const ulong MountReadOnly = 1;
    public const ulong MountNoSuid = 2;
    public const ulong MountNoDevices = 4;
    public const ulong MountNoExecute = 8;
    public const ulong MountBind = 0x1000;
    public const ulong MountRecursive = 0x4000;
    public const ulong MountSlave = 0x80000;
    public const int UnmountDetach = 2; // MNT_DETACH
    public const int UnmountNoFollow = 8; // UMOUNT_NOFOLLOW

    public const uint FifoMode = 0x1000 | 0x180; // S_IFIFO, 0600

    public const nuint LoopGetFree = 0x4C82; // LOOP_CTL_GET_FREE
    public const nuint LoopConfigure = 0x4C0A; // LOOP_CONFIGURE
    public const nuint TrimFileSystem = 0xC0185879; // FITRIM
    public const nuint BtrfsForgetDevice = 0x50009405; // BTRFS_IOC_FORGET_DEV
    public const nuint BtrfsGetInformation = 0x8400941F; // BTRFS_IOC_FS_INFO
    public const nuint BtrfsGetDevice = 0xD000941E; // BTRFS_IOC_DEV_INFO

    public const int AllocateKeepSize = 1; // FALLOC_FL_KEEP_SIZE
    public const int AllocateHole = 2; // FALLOC_FL_PUNCH_HOLE
    public const int AllocateZeroes = 0x10; // FALLOC_FL_ZERO_RANGE

    private const long SysOpenTree = 428;
    private const long SysMoveMount = 429;
    private const long SysCloseRange = 436;
    private const long SysOpenAt2 = 437;
    private const long SysMountSetAttributes = 442;
    private const int OpenTreeClone = 1; // OPEN_TREE_CLONE
    private const int Recursive = 0x8000; // AT_RECURSIVE
    private const int CloseOnExecute = 4; // CLOSE_RANGE_CLOEXEC
    private const ulong MountTranslated = 0x100000; // MOUNT_ATTR_IDMAP
    private const int MoveMountBothEmpty = 0x4 | 0x40; // MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH
    private const int SeekEnd = 2;

    /// <summary>argon2.h, argon2_hash: the raw hash without its encoding; 0, or an error of enum Argon2_ErrorCodes. Sets no errno.</summary>
    [LibraryImport(Argon2Library, EntryPoint = "argon2_hash")]
    public static partial int Argon2Hash(
        uint passes, uint memoryKib, uint lanes, byte* password, nuint passwordLength, byte* salt, nuint saltLength, byte* hash, nuint hashLength, byte* encoded, nuint encodedLength, int type, uint version);

    /// <summary>argon2.h, argon2_error_message: a text that is never freed.</summary>
    [LibraryImport(Argon2Library, EntryPoint = "argon2_error_message")]
    public static partial byte* Argon2ErrorMessage(int status);

    /// <summary>Opens a file or device of the host, never inherited and never as a terminal; invalid and errno on failure.</summary>
    public static SafeFileHandle OpenFile(string path, bool readOnly)
        => new(Open(path, (readOnly ? OpenReadOnly : OpenReadWrite) | OpenCloseOnExec | OpenNoTerminal, 0), ownsHandle: true);

    /// <summary>openat2(2): -1 and errno on failure.</summary>
    public static int OpenAt2(SafeFileHandle directory, string path, int flags, uint mode, ulong resolve)
    {
        var how = new OpenHow { Flags = (ulong)(flags | OpenCloseOnExec), Mode = mode, Resolve = resolve };
        var bytes = Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* name = bytes)
        {
            return (int)Syscall(SysOpenAt2, directory.DangerousGetHandle(), (nint)name, (nint)(&how), sizeof(OpenHow), 0);
        }
    }

    /// <summary>open_tree(2) of a copy of the mount at a path, attached nowhere: -1 and errno on failure.</summary>
    public static int CloneMount(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* name = bytes)
        {
            return (int)Syscall(SysOpenTree, WorkingDirectory, (nint)name, OpenTreeClone | OpenCloseOnExec, 0, 0);
        }
    }

    /// <summary>open_tree(2) of a copy of the mount at a path with all mounts below it, attached nowhere: -1 and errno on failure.</summary>
    public static int CloneMounts(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* name = bytes)
        {
            return (int)Syscall(SysOpenTree, WorkingDirectory, (nint)name, OpenTreeClone | OpenCloseOnExec | Recursive, 0, 0);
        }
    }

    /// <summary>mount_setattr(2): on all mounts of <see cref="CloneMounts"/>, programs may be run, and owners are those that a user namespace maps them to. 0, or -1 and errno.</summary>
    public static int TranslateOwners(SafeFileHandle mounts, SafeFileHandle userNamespace)
    {
        byte empty = 0;
        var change = new MountAttributes { Set = MountTranslated, Clear = MountNoExecute, UserNamespace = (ulong)userNamespace.DangerousGetHandle() };
        return (int)Syscall(SysMountSetAttributes, mounts.DangerousGetHandle(), (nint)(&empty), EmptyPath | Recursive, (nint)(&change), sizeof(MountAttributes));
    }

    /// <summary>move_mount(2): attaches a mount of <see cref="CloneMount"/> on an open directory. 0, or -1 and errno.</summary>
    public static int AttachMount(SafeFileHandle mount, SafeFileHandle target)
    {
        byte empty = 0;
        return (int)Syscall(SysMoveMount, mount.DangerousGetHandle(), (nint)(&empty), target.DangerousGetHandle(), (nint)(&empty), MoveMountBothEmpty);
    }

    /// <summary>mount_setattr(2): what may be done on a mount of <see cref="CloneMount"/>. 0, or -1 and errno.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="attributes">Some of <see cref="MountReadOnly"/>, <see cref="MountNoSuid"/>, <see cref="MountNoDevices"/>, <see cref="MountNoExecute"/>: MOUNT_ATTR_… have the same values.</param>
    public static int RestrictMount(SafeFileHandle mount, ulong attributes)
    {
        byte empty = 0;
        var change = new MountAttributes { Set = attributes };
        return (int)Syscall(SysMountSetAttributes, mount.DangerousGetHandle(), (nint)(&empty), EmptyPath, (nint)(&change), sizeof(MountAttributes));
    }

    /// <summary>close_range(2): no child that is started from now on inherits any descriptor but the first three.</summary>
    public static int KeepDescriptors() => (int)Syscall(SysCloseRange, 3, -1, CloseOnExecute, 0, 0);

    /// <summary>Length of anything that can be seeked in, block devices too.</summary>
    public static long SeekToEnd(SafeFileHandle file) => Seek(file, 0, SeekEnd);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(SafeFileHandle directory, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    public static partial int StatFileSystem(SafeFileHandle file, out FileSystemStatus status);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    public static partial nint ReadDirectory(SafeFileHandle directory, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ReadLinkAt(SafeFileHandle directory, string path, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int UnlinkAt(SafeFileHandle directory, string path, int flags);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RenameAt(SafeFileHandle oldDirectory, string oldPath, SafeFileHandle newDirectory, string newPath, uint flags);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SymbolicLinkAt(string target, SafeFileHandle directory, string path);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeDirectoryAt(SafeFileHandle directory, string path, uint mode);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "flistxattr", SetLastError = true)]
    public static partial nint ListAttributes(SafeFileHandle file, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "fgetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint GetAttribute(SafeFileHandle file, string name, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetAttribute(SafeFileHandle file, string name, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeModeOf(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwnerAt(SafeFileHandle directory, string path, uint user, uint group, int flags);

    [LibraryImport("libc", EntryPoint = "getxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint GetAttributeOf(string path, string name, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "setxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetAttributeOf(string path, string name, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SyncFileSystem(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Mount(string source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int EnterNamespace(SafeFileHandle descriptor, int kind);

    /// <summary>execv(2): returns only where it fails. The arguments end with a <see langword="null"/>.</summary>
    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Execute(string path, string?[] arguments);

    [LibraryImport("libc", EntryPoint = "gettid")]
    public static partial int ThreadId();

    [LibraryImport("libc", EntryPoint = "mknod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeNode(string path, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(SafeFileHandle file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, nint first, nint second, nint third, nint fourth, nint fifth);

    /// <summary>struct open_how (openat2(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>struct mount_attr (mount_setattr(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MountAttributes
    {
        public ulong Set;
        public ulong Clear;
        public ulong Propagation;
        public ulong UserNamespace;
    }

    /// <summary>The part of struct statx (statx(2)) that is looked at.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct FileStatus
    {
        [FieldOffset(20)] public uint UserId;
        [FieldOffset(24)] public uint GroupId;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Length;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }

    /// <summary>struct statfs (statfs(2)).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 120)]
    public struct FileSystemStatus
    {
        [FieldOffset(32)] public ulong AvailableBlocks;
        [FieldOffset(40)] public ulong Files;
        [FieldOffset(48)] public ulong FreeFiles;
        [FieldOffset(72)] public long FragmentBytes;
        [FieldOffset(80)] public long Flags;
    }

    /// <summary>struct loop_config with its loop_info64 (linux/loop.h).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 304)]
    public struct LoopConfiguration
    {
        [FieldOffset(0)] public uint BackingFile;
        [FieldOffset(4)] public uint BlockBytes;
        [FieldOffset(32)] public ulong Offset;
        [FieldOffset(40)] public ulong SizeLimit;
        [FieldOffset(60)] public uint Flags;
    }

    /// <summary>struct fstrim_range (linux/fs.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TrimRange
    {
        public ulong Start;
        public ulong Length;
        public ulong ShortestExtent;
    }

    /// <summary>The part of struct btrfs_ioctl_fs_info_args (linux/btrfs.h) that is looked at.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 1024)]
    public struct BtrfsInformation
    {
        [FieldOffset(0)] public ulong LargestId;
        [FieldOffset(8)] public ulong Devices;
    }

    /// <summary>The part of struct btrfs_ioctl_dev_info_args (linux/btrfs.h) that is looked at.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 4096)]
    public struct BtrfsDeviceInformation
    {
        [FieldOffset(0)] public ulong Id;
        [FieldOffset(3072)] public fixed byte Path[1024];
    }

    /// <summary>struct btrfs_ioctl_vol_args (linux/btrfs.h).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 4096)]
    public struct BtrfsVolume
    {
        /// <summary>Bytes of the name, with its NUL.</summary>
        public const int LongestName = 4088;

        [FieldOffset(8)] public fixed byte Name[LongestName];
    }
}
