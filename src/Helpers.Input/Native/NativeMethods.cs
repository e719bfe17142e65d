using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Helpers.Input.Native;

/// <summary>The system calls of the inputs that .NET does not offer. The only P/Invoke of this project.</summary>
internal static unsafe partial class NativeMethods
{
    /// <summary>The library of libdeflate, by the soname that Debian 12 and its followers have. It may be absent.</summary>
    public const string Libdeflate = "libdeflate.so.0";

    private const int AtCurrentDirectory = -100;
    private const int SeekEnd = 2;
    private const uint StatxType = 1;
    private const int StatxBytes = 256;
    private const int StatxModeOffset = 28;
    private const int GetOpenFileDescriptionLock = 36;
    private const short WriteLock = 1;
    private const short Unlocked = 2;

    /// <summary>The S_IFMT bits of a file, symbolic links followed (statx(2)); 0 where it cannot be looked at.</summary>
    public static int FileType(string path)
    {
        const int TypeMask = 0xF000;
        var buffer = stackalloc byte[StatxBytes];
        return Statx(AtCurrentDirectory, path, 0, StatxType, buffer) == 0 ? *(ushort*)(buffer + StatxModeOffset) & TypeMask : 0;
    }

    /// <summary>Length in bytes, of a block device too, for which fstat(2) says 0.</summary>
    public static long Length(SafeFileHandle file) => Seek(file, 0, SeekEnd);

    /// <summary>Whether another open file description holds a lock on one byte (fcntl(2), F_OFD_GETLK).</summary>
    public static bool IsLocked(SafeFileHandle file, long position)
    {
        var probe = new FileLock { Type = WriteLock, Start = position, Length = 1 };
        return FileControl(file, GetOpenFileDescriptionLock, &probe) == 0 && probe.Type != Unlocked;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(SafeFileHandle file, long offset, int origin);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(SafeFileHandle file, int command, FileLock* data);

    /// <summary>libdeflate.h: state for one thread, or null.</summary>
    [LibraryImport(Libdeflate, EntryPoint = "libdeflate_alloc_decompressor")]
    public static partial nint AllocateDecompressor();

    /// <summary>libdeflate.h: a whole zlib stream; 0 where all is well, and its length.</summary>
    [LibraryImport(Libdeflate, EntryPoint = "libdeflate_zlib_decompress")]
    public static partial int Decompress(nint decompressor, byte* data, nuint length, byte* output, nuint available, nuint* done);

    /// <summary>libdeflate.h: gives it back.</summary>
    [LibraryImport(Libdeflate, EntryPoint = "libdeflate_free_decompressor")]
    public static partial void FreeDecompressor(nint decompressor);

    /// <summary>struct flock of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Origin;
        public long Start;
        public long Length;
        public int ProcessId;
    }
}
