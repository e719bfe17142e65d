using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Copy;

/// <summary>Every call into libc that this program makes. Values of Linux on x86_64; see open(2), fallocate(2), lseek(2).</summary>
internal static unsafe partial class NativeMethods
{
    internal const int ReadOnly = 0;
    internal const int ReadWrite = 2;
    internal const int Create = 0x40;
    internal const int Exclusive = 0x80;
    internal const int CloseOnExec = 0x80000;

    internal const int FallocKeepSize = 1;
    internal const int FallocPunchHole = 2;
    internal const int FallocZeroRange = 0x10;

    internal const int SeekEnd = 2;
    internal const int SeekData = 3;
    internal const int SeekHole = 4;

    // statx(2) has one layout on all architectures; both device numbers are pairs of 32 bits, major and minor.
    private const int StatxLength = 256;
    private const int StatxMode = 28;
    private const int StatxInodeNumber = 32;
    private const int StatxDeviceItself = 128;
    private const int StatxDeviceOfFile = 136;
    private const int AtFdCwd = -100;
    private const uint StatxType = 1;
    private const uint StatxInode = 0x100;
    private const int TypeMask = 0xF000;

    internal const int TypeSocket = 0xC000;
    internal const int TypeRegular = 0x8000;
    internal const int TypeBlockDevice = 0x6000;

    internal const int ProtectionRead = 1;
    internal const int MapShared = 1;

    internal const int Eintr = 4;
    internal const int Eio = 5;
    internal const int Enxio = 6;
    internal const int Ebusy = 16;
    internal const int Einval = 22;
    internal const int Efbig = 27;
    internal const int Enospc = 28;
    internal const int Enodata = 61;
    internal const int Eopnotsupp = 95;
    internal const int Edquot = 122;

    /// <summary>O_DIRECT has another value on ARM: asm-generic is not used there.</summary>
    internal static int Direct => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint WriteAt(SafeHandle file, byte* data, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    internal static partial nint ReadAt(SafeHandle file, byte* data, nuint length, long offset);

    /// <summary>MAP_FAILED of mmap(2).</summary>
    internal static byte* MapFailed => (byte*)-1;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial byte* Map(byte* address, nuint length, int protection, int flags, SafeHandle file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(byte* address, nuint length);

    [LibraryImport("libc", EntryPoint = "mincore", SetLastError = true)]
    internal static partial int InCore(byte* address, nuint length, byte* pages);

    /// <summary>FICLONERANGE of ioctl_ficlonerange(2): the target's range is made of the source's blocks, shared until one of them is written.</summary>
    internal static int ShareRange(SafeHandle target, SafeHandle source, ulong offset, ulong length)
    {
        const nuint CloneRange = 0x4020940D; // _IOW(0x94, 13, struct file_clone_range), 32 bytes.
        var held = false;
        try
        {
            source.DangerousAddRef(ref held);
            var range = stackalloc ulong[] { (ulong)source.DangerousGetHandle(), offset, length, offset };
            return IoControl(target, CloneRange, range);
        }
        finally
        {
            if (held) source.DangerousRelease();
        }
    }

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    internal static partial nint CopyFileRange(SafeHandle source, ref long from, SafeHandle target, ref long to, nuint length, uint flags);

    /// <summary><c>f_type</c> of statfs(2), 0 if it is not known.</summary>
    internal static long FileSystemType(SafeHandle file)
    {
        const int Length = 256; // struct statfs has 120 bytes; f_type is its first word.
        var buffer = stackalloc long[Length / sizeof(long)];
        return StatFileSystem(file, buffer) == 0 ? *buffer : 0;
    }

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static partial int StatFileSystem(SafeHandle file, long* buffer);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoControl(SafeHandle file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(SafeHandle file, long length);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Fallocate(SafeHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(SafeHandle file);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    internal static partial long Seek(SafeHandle file, long offset, int whence);

    /// <summary>The file type bits of <c>st_mode</c>, or 0 if there is nothing at the path.</summary>
    internal static int FileType(string path)
    {
        var buffer = stackalloc byte[StatxLength];
        return StatX(AtFdCwd, path, 0, StatxType, buffer) == 0 ? *(ushort*)(buffer + StatxMode) & TypeMask : 0;
    }

    /// <summary>What two names of one file, or two nodes of one block device, have in common; null if there is nothing at the path.</summary>
    internal static string? FileIdentity(string path)
    {
        var buffer = stackalloc byte[StatxLength];
        if (StatX(AtFdCwd, path, 0, StatxType | StatxInode, buffer) != 0) return null;
        return (*(ushort*)(buffer + StatxMode) & TypeMask) == TypeBlockDevice
            ? $"device {*(ulong*)(buffer + StatxDeviceItself)}"
            : $"inode {*(ulong*)(buffer + StatxInodeNumber)} of {*(ulong*)(buffer + StatxDeviceOfFile)}";
    }

    /// <summary>Major and minor number of a block device; null for anything else.</summary>
    internal static (uint Major, uint Minor)? BlockDevice(string path)
    {
        var buffer = stackalloc byte[StatxLength];
        if (StatX(AtFdCwd, path, 0, StatxType, buffer) != 0 || (*(ushort*)(buffer + StatxMode) & TypeMask) != TypeBlockDevice) return null;
        var numbers = (uint*)(buffer + StatxDeviceItself);
        return (numbers[0], numbers[1]);
    }

    [LibraryImport("libc", EntryPoint = "setxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetAttribute(string path, string name, byte* value, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "getxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GetAttribute(string path, string name, byte* value, nuint length);

    [LibraryImport("libc", EntryPoint = "fremovexattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int RemoveAttribute(SafeHandle file, string name);

    /// <summary>What is read of a file next comes from its disk: a hint, which is enough where all of it was flushed.</summary>
    internal static void DropFromCache(string path)
    {
        const int DontNeed = 4;
        using var file = Open(path, ReadOnly | CloseOnExec, 0);
        if (!file.IsInvalid) _ = Advise(file, 0, 0, DontNeed);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeHandle file, long offset, long length, int advice);

    /// <summary>What tells a file from every other that stands, or stood, at its path; null where there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="withContent">Also what tells its content from what it was before: size and time of the last change.</param>
    internal static string? FileHistory(string path, bool withContent)
    {
        const int Size = 40, Birth = 80, Change = 112;
        const uint BasicStatsAndBirth = 0xFFF;
        var buffer = stackalloc byte[StatxLength];
        if (StatX(AtFdCwd, path, 0, BasicStatsAndBirth, buffer) != 0) return null;
        var history = $"{FileIdentity(path)} born {Time(buffer + Birth)}";
        return withContent ? $"{history}, {*(ulong*)(buffer + Size)} bytes of {Time(buffer + Change)}" : history;
    }

    /// <summary><c>struct statx_timestamp</c>.</summary>
    private static string Time(byte* stamp) => $"{*(long*)stamp}.{*(uint*)(stamp + sizeof(long)):d9}";

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, byte* buffer);
}
