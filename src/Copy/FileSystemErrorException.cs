using System.Runtime.InteropServices;

namespace Hyper2Kvm.Copy;

/// <summary>A system call on a file or a block device failed.</summary>
internal sealed class FileSystemErrorException(string path, string call, int errno)
    : Exception($"{path}: {call}: {Marshal.GetPInvokeErrorMessage(errno)}")
{
    internal int Errno { get; } = errno;

    /// <summary>ENOSPC or EDQUOT.</summary>
    internal bool IsNoSpace => Errno is NativeMethods.Enospc or NativeMethods.Edquot;
}
