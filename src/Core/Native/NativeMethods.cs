using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Core.Native;

/// <summary>The system calls of Core that .NET does not offer. The only P/Invoke of this project.</summary>
internal static unsafe partial class NativeMethods
{
    public const int LockShared = 1;
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const short PollIn = 1;

    private const long SysPidfdOpen = 434;
    private const int OpenReadWrite = 0x2;
    private const int OpenCreate = 0x40;
    private const int OpenDirectoryOnly = 0x10000;
    private const int OpenNoFollow = 0x20000;
    private const int OpenPathOnly = 0x200000;
    private const int OpenCloseOnExec = 0x80000;
    private const uint OwnerReadWrite = 0x180;
    private const long SysCloseRange = 436;
    private const uint MemoryFileCloseOnExec = 1; // MFD_CLOEXEC
    private const uint CloseRangeCloexec = 1 << 2;

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Flock(SafeHandle descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentProcessId();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    /// <summary>Opens a lock file for reading and writing, made with mode 0600 where it is missing; never through a link, never inherited.</summary>
    public static SafeFileHandle OpenLockFile(string path)
        => new(Open(path, OpenReadWrite | OpenCreate | OpenNoFollow | OpenCloseOnExec, OwnerReadWrite), ownsHandle: true);

    /// <summary>A directory, only to name what is in it (O_PATH); invalid and errno on failure.</summary>
    public static SafeFileHandle OpenDirectory(string path)
        => new(Open(path, OpenPathOnly | OpenDirectoryOnly | OpenCloseOnExec, 0), ownsHandle: true);

    /// <summary>Another program in the place of this one, with this environment (execv(3)); comes back only where it fails, with errno.</summary>
    public static void Execute(string path, IReadOnlyList<string> arguments)
    {
        // Never freed: they go with this program.
        var vector = (nint*)NativeMemory.AllocZeroed((nuint)(arguments.Count + 1), (nuint)sizeof(nint));
        for (var index = 0; index < arguments.Count; index++)
        {
            vector[index] = Marshal.StringToCoTaskMemUTF8(arguments[index]);
        }

        _ = ExecuteVector(path, vector);
    }

    /// <summary>A file in memory, never inherited (memfd_create(2)); invalid and errno on failure.</summary>
    public static SafeFileHandle MemoryFile(string name) => new(MemfdCreate(name, MemoryFileCloseOnExec), ownsHandle: true);

    /// <summary>A descriptor that becomes readable when the process ends (pidfd_open(2)); -1 and errno on failure.</summary>
    public static int PidfdOpen(int pid) => (int)Syscall(SysPidfdOpen, pid, 0, 0);

    /// <summary>Marks all descriptors from <paramref name="first"/> on as closed on exec (close_range(2), CLOSE_RANGE_CLOEXEC; Linux 5.11, elsewhere nothing happens).</summary>
    public static void CloseOnExecFrom(int first) => _ = Syscall(SysCloseRange, first, uint.MaxValue, CloseRangeCloexec);

    /// <summary>Waits for a descriptor; milliseconds, -1 for ever.</summary>
    public static int PollReadable(int descriptor, int milliseconds)
    {
        var entry = new PollDescriptor { Descriptor = descriptor, Events = PollIn };
        return Poll(&entry, 1, milliseconds);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ExecuteVector(string path, nint* arguments);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, long first, long second, long third);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollDescriptor* entries, ulong count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Revents;
    }
}
