using System.Runtime.InteropServices;
using Hyper2Kvm.Core.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Core.Work;

/// <summary>An advisory lock on a file (flock(2)): the kernel lets go of it when its process dies, however that dies.</summary>
public sealed class FileLock : IDisposable
{
    private readonly SafeFileHandle _handle;

    private FileLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Takes the lock beside other sharers; <see langword="null"/> where somebody has it alone.</summary>
    /// <param name="path">Lock file; made where it is missing.</param>
    public static FileLock? TryShared(string path) => Take(path, NativeMethods.LockShared | NativeMethods.LockNonBlocking);

    /// <summary>Takes the lock alone; <see langword="null"/> where anybody has it.</summary>
    /// <param name="path">Lock file; made where it is missing.</param>
    public static FileLock? TryAlone(string path) => Take(path, NativeMethods.LockExclusive | NativeMethods.LockNonBlocking);

    /// <summary>Takes the lock alone, and waits until it can be had.</summary>
    /// <param name="path">Lock file; made where it is missing.</param>
    public static FileLock WaitAlone(string path)
        => Take(path, NativeMethods.LockExclusive) ?? throw new IOException($"{path} cannot be locked");

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static FileLock? Take(string path, int operation)
    {
        // Opened by open(2): .NET's own File.OpenHandle takes a flock of its own, whatever share is asked for.
        var handle = NativeMethods.OpenLockFile(path);
        if (handle.IsInvalid)
        {
            throw new IOException($"{path} cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }

        if (NativeMethods.Flock(handle, operation) == 0)
        {
            return new FileLock(handle);
        }

        handle.Dispose();
        return null;
    }
}
