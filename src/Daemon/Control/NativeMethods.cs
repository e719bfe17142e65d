using System.Runtime.InteropServices;

namespace Hyper2Kvm.Daemon.Control;

/// <summary>The system calls of the control sockets that .NET does not offer.</summary>
internal static unsafe partial class NativeMethods
{
    private const short PollIn = 1;
    private const int InterruptedCall = 4; // EINTR
    private const int EventCloseOnExec = 0x80000; // EFD_CLOEXEC
    private const uint SameUser = uint.MaxValue;
    private const int LargestGroupEntry = 1 << 20;
    private const int TooSmall = 34; // ERANGE
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint OnlyType = 1; // STATX_TYPE
    private const ushort TypeMask = 0xF000; // S_IFMT
    private const ushort SocketType = 0xC000; // S_IFSOCK

    /// <summary>A descriptor that <see cref="Wake"/> makes readable (eventfd(2)).</summary>
    public static int EventDescriptor() => EventFd(0, EventCloseOnExec);

    /// <summary>Makes an <see cref="EventDescriptor"/> readable.</summary>
    public static void Wake(int descriptor)
    {
        var one = 1UL;
        _ = Write(descriptor, &one, sizeof(ulong));
    }

    /// <summary>Waits until one of some descriptors can be read (of a listening socket: until somebody connects), without reading it.</summary>
    public static void WaitReadable(ReadOnlySpan<int> descriptors)
    {
        var entries = stackalloc PollDescriptor[descriptors.Length];
        for (var index = 0; index < descriptors.Length; index++)
        {
            entries[index] = new PollDescriptor { Descriptor = descriptors[index], Events = PollIn };
        }

        while (Poll(entries, (ulong)descriptors.Length, -1) < 0 && Marshal.GetLastPInvokeError() == InterruptedCall)
        {
        }
    }

    /// <summary>Whether a path is a Unix socket itself, and not a link to one (statx(2)).</summary>
    public static bool IsSocket(string path)
    {
        FileStatus status;
        return Statx(CurrentDirectory, path, NoFollow, OnlyType, &status) == 0 && (status.Mode & TypeMask) == SocketType;
    }

    /// <summary>Gives a file to a group; whether that worked, else errno.</summary>
    public static bool GiveToGroup(string path, uint group) => Chown(path, SameUser, group) == 0;

    /// <summary>Number of a group; <see langword="null"/> where there is none of that name (getgrnam_r(3)).</summary>
    public static uint? GroupNumber(string name)
    {
        for (var size = 1024; size <= LargestGroupEntry; size *= 4)
        {
            var buffer = new byte[size];
            fixed (byte* text = buffer)
            {
                GroupEntry entry;
                GroupEntry* found;
                var error = GetGroup(name, &entry, text, (nuint)size, &found);
                if (error != TooSmall)
                {
                    return error == 0 && found != null ? entry.Number : null;
                }
            }
        }

        return null;
    }

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint start, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, void* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollDescriptor* entries, ulong count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, FileStatus* status);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetGroup(string name, GroupEntry* entry, byte* text, nuint size, GroupEntry** found);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Revents;
    }

    /// <summary><c>struct statx</c>, 256 bytes, of which the mode is wanted.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(28)]
        public ushort Mode;
    }

    /// <summary><c>struct group</c> of grp.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct GroupEntry
    {
        public byte* Name;
        public byte* Password;
        public uint Number;
        public byte** Members;
    }
}
