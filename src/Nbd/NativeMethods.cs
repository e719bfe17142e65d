using System.Runtime.InteropServices;

namespace Hyper2Kvm.Nbd;

/// <summary>Every call into libc that this assembly makes; nothing else here is unmanaged.</summary>
internal static unsafe partial class NativeMethods
{
    // Values of Linux on x86_64 and aarch64 (asm-generic); see recv(2), errno(3).
    internal const int MsgWaitAll = 0x100;
    internal const int MsgNoSignal = 0x4000;
    internal const int SolSocket = 1;
    internal const int SoPeerCred = 17;
    internal const int Eintr = 4;
    internal const int Eagain = 11;

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    internal static partial nint Receive(SafeHandle socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    internal static partial nint SendMessage(SafeHandle socket, MessageHeader* message, int flags);

    /// <summary><c>struct iovec</c> of readv(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        internal byte* Base;
        internal nuint Length;
    }

    /// <summary><c>struct msghdr</c> of sendmsg(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        internal void* Name;
        internal uint NameLength;
        internal IoVector* Vectors;
        internal nuint VectorCount;
        internal void* Control;
        internal nuint ControlLength;
        internal int Flags;
    }
}
