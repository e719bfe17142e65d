using System.Runtime.InteropServices;

namespace Hyper2Kvm.Daemon.Native;

/// <summary>The system calls of the control sockets that .NET does not offer.</summary>
internal static unsafe partial class NativeMethods
{
    private const uint SameUser = uint.MaxValue;
    private const int LargestGroupEntry = 1 << 20;
    private const int TooSmall = 34; // ERANGE

    /// <summary>Waits until one of some descriptors can be read (of a listening socket: until somebody connects), without reading it.</summary>
    public static void WaitReadable(ReadOnlySpan<int> descriptors)
    {
        var entries = stackalloc PollEntry[descriptors.Length];
        for (var index = 0; index < descriptors.Length; index++)
        {
            entries[index] = new PollEntry { Descriptor = descriptors[index], Events = PollIn };
        }

        while (Poll(entries, (ulong)descriptors.Length, -1) < 0 && Marshal.GetLastPInvokeError() == ErrorInterrupted)
        {
        }
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

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetGroup(string name, GroupEntry* entry, byte* text, nuint size, GroupEntry** found);

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
