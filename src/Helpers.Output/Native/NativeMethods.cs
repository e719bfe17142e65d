using System.Runtime.InteropServices;

namespace Hyper2Kvm.Helpers.Output.Native;

/// <summary>The system calls of this program that .NET does not offer. The only P/Invoke of this project.</summary>
internal static unsafe partial class NativeMethods
{
    public const int NoSuchFile = 2;
    public const int PermissionDenied = 13;
    public const int FileExists = 17;
    public const int IsDirectory = 21;
    public const int InvalidArgument = 22;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int NotImplemented = 38;
    public const int NotSupported = 95;
    public const int QuotaExceeded = 122;
    public const int NotPermitted = 1;

    public const int SigTerm = 15;
    private const int CurrentDirectory = -100;
    private const int OpenReadOnly = 0x80000; // O_RDONLY | O_CLOEXEC
    private const uint RenameNoReplace = 1;
    private const int SymlinkNoFollow = 0x100;
    private const uint StatxInode = 0x100;
    private const uint StatxBirthTime = 0x800;
    private const long SysPidfdSendSignal = 424;
    private const long SysPidfdOpen = 434;
    private const short PollIn = 1;

    /// <summary>O_TMPFILE | O_CLOEXEC | O_WRONLY; O_TMPFILE holds O_DIRECTORY, whose bit Arm has elsewhere (asm/fcntl.h).</summary>
    private static int OpenTemporaryForWriting
        => 0x400000 | (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000) | 0x80000 | 1;

    /// <summary>Tries to make a file without a name in a directory (O_TMPFILE, open(2)): nothing can be left of it. 0 or errno; EOPNOTSUPP and EISDIR where that is not to be had.</summary>
    public static int TryNamelessFile(string directory)
    {
        var descriptor = open(directory, OpenTemporaryForWriting, 0x180);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        _ = close(descriptor);
        return 0;
    }

    /// <summary>renameat2(2) with RENAME_NOREPLACE: never over a file that is there. 0 or errno.</summary>
    public static int RenameWithoutReplacing(string from, string to) => Result(renameat2(CurrentDirectory, from, CurrentDirectory, to, RenameNoReplace));

    /// <summary>link(2): fails where the new name exists. 0 or errno.</summary>
    public static int Link(string from, string to) => Result(link(from, to));

    /// <summary>posix_fallocate(3): blocks for the whole length, also on file systems without fallocate(2). 0 or errno.</summary>
    public static int Allocate(SafeHandle file, long length) => posix_fallocate((int)file.DangerousGetHandle(), 0, length);

    /// <summary>fsync(2) of a directory, so that names made in it survive a power cut. 0 or errno.</summary>
    public static int SyncDirectory(string path)
    {
        var descriptor = open(path, OpenReadOnly, 0);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        var error = Result(fsync(descriptor));
        _ = close(descriptor);
        return error;
    }

    /// <summary>statx(2) without following a link: device, inode and time of birth in nanoseconds (0 where the file system keeps none). 0 or errno.</summary>
    public static int Identify(string path, out ulong device, out ulong inode, out long born)
    {
        StatxBuffer buffer;
        var error = Result(statx(CurrentDirectory, path, SymlinkNoFollow, StatxInode | StatxBirthTime, &buffer));
        device = ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor;
        inode = buffer.Inode;
        born = (buffer.Mask & StatxBirthTime) != 0 ? (buffer.BirthSeconds * 1_000_000_000) + buffer.BirthNanoseconds : 0;
        return error;
    }

    /// <summary>pidfd_open(2): a descriptor of a process, which never means another one. Negative where there is none.</summary>
    public static int OpenProcess(int processId) => (int)syscall(SysPidfdOpen, processId, 0, 0, 0);

    /// <summary>pidfd_send_signal(2). 0 or errno.</summary>
    public static int Signal(int processDescriptor, int signal) => Result((int)syscall(SysPidfdSendSignal, processDescriptor, signal, 0, 0));

    /// <summary>Whether a process ends within a time.</summary>
    public static bool WaitForEnd(int processDescriptor, int milliseconds)
    {
        var entry = new PollEntry { Descriptor = processDescriptor, Events = PollIn };
        return poll(&entry, 1, milliseconds) > 0;
    }

    public static void Close(int descriptor) => _ = close(descriptor);

    private static int Result(int returned) => returned == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string from, string to);

    [LibraryImport("libc")]
    private static partial int posix_fallocate(int descriptor, long offset, long length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long first, long second, long third, long fourth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, ulong count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Revents;
    }

    /// <summary><c>struct statx</c> of linux/stat.h, 256 bytes; only the fields that we ask for have names.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(0)]
        public uint Mask;
        [FieldOffset(32)]
        public ulong Inode;
        [FieldOffset(80)]
        public long BirthSeconds;
        [FieldOffset(88)]
        public uint BirthNanoseconds;
        [FieldOffset(136)]
        public uint DeviceMajor;
        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
