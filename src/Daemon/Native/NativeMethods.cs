using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Daemon.Native;

/// <summary>The system calls of the daemon that .NET does not offer; those of its sockets are in the other half.</summary>
internal static unsafe partial class NativeMethods
{
    public const int ErrorAgain = 11;
    public const int ErrorInterrupted = 4;
    public const int ErrorNoSpace = 28;
    public const short PollIn = 1;
    public const short PollPriority = 2;

    /// <summary>What the kernel says when a mount table changes (proc(5), /proc/PID/mounts).</summary>
    public const short PollError = 8;

    private const int OpenNonBlocking = 0x800;
    private const int OpenNoFollow = 0x20000; // asm-generic; ARM has another value
    private const int OpenNoFollowArm = 0x8000;
    private const int OpenCloseOnExec = 0x80000;
    private const int AtCurrentDirectory = -100;
    private const int AtNoFollow = 0x100;
    private const int AtForceSync = 0x2000; // a network file system asks its server
    private const uint StatxBasic = 0x7ff;
    private const int StatxBytes = 256;
    private const int StatfsBytes = 120;
    private const int SetSignal = 10;
    private const int SetLease = 1024;
    private const int ReadLock = 0;
    private const int Unlock = 2;
    private const int SignalUrgent = 23;

    /// <summary>The status of a path itself, links not followed (statx(2)); <see langword="null"/> where it cannot be had.</summary>
    public static PathStatus? Status(string path)
    {
        // statx(2) has one layout on all architectures.
        var buffer = stackalloc byte[StatxBytes];
        return Statx(AtCurrentDirectory, path, AtNoFollow | AtForceSync, StatxBasic, buffer) != 0
            ? null
            : new PathStatus
            {
                Mode = *(ushort*)(buffer + 28),
                Inode = *(ulong*)(buffer + 32),
                Bytes = *(long*)(buffer + 40),
                Blocks = *(long*)(buffer + 48),
                ModifiedNanoseconds = (*(long*)(buffer + 112) * 1_000_000_000) + *(uint*)(buffer + 120),
                Device = *(ulong*)(buffer + 136),
            };
    }

    /// <summary>Type of the file system that a path is on (statfs(2), f_type); 0 where it cannot be had.</summary>
    public static long FileSystemType(string path)
    {
        var buffer = stackalloc byte[StatfsBytes];
        return Statfs(path, buffer) == 0 ? *(long*)buffer : 0;
    }

    /// <summary>Opens a file for reading: never through a link, never waiting for the writer of a FIFO, never inherited. Invalid on failure.</summary>
    public static SafeFileHandle OpenForReading(string path)
    {
        var noFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? OpenNoFollowArm : OpenNoFollow;
        return new SafeFileHandle(Open(path, OpenNonBlocking | noFollow | OpenCloseOnExec, 0), ownsHandle: true);
    }

    /// <summary>Takes a read lease and gives it back at once (fcntl(2), F_SETLEASE); 0, or the error: <see cref="ErrorAgain"/> while somebody has the file open for writing.</summary>
    public static int TryReadLease(SafeFileHandle file)
    {
        // Somebody who opens it in this moment makes the kernel send a signal: one that is ignored by default, where SIGIO would end the process.
        if (FileControl(file, SetSignal, SignalUrgent) != 0 || FileControl(file, SetLease, ReadLock) != 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        _ = FileControl(file, SetLease, Unlock);
        return 0;
    }

    /// <summary>An inotify instance, not blocking, never inherited; invalid and errno on failure.</summary>
    public static SafeFileHandle OpenInotify() => new(InotifyInit(OpenNonBlocking | OpenCloseOnExec), ownsHandle: true);

    /// <summary>A counter that wakes who polls it (eventfd(2)).</summary>
    public static SafeFileHandle OpenEvent() => new(EventDescriptor(0, OpenNonBlocking | OpenCloseOnExec), ownsHandle: true);

    /// <summary>Makes an <see cref="OpenEvent"/> readable.</summary>
    public static void Wake(SafeHandle counter)
    {
        var one = 1UL;
        _ = Write(counter, (byte*)&one, sizeof(ulong));
    }

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int InotifyAddWatch(SafeHandle inotify, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch", SetLastError = true)]
    public static partial int InotifyRemoveWatch(SafeHandle inotify, int watch);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeHandle file, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeHandle file, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, ulong count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statfs(string path, byte* buffer);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(SafeHandle file, int command, long argument);

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int InotifyInit(int flags);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventDescriptor(uint count, int flags);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
