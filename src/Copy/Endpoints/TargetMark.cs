using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Copy;

/// <summary>
/// A random mark on a target file with a journal, the attribute <c>user.hyper2kvm.copy</c> (xattr(7)). Inode and birth of a file stay
/// when it is made anew in place; the mark goes, so that a killed copy does not go on with what another copy has written there.
/// </summary>
internal static unsafe class TargetMark
{
    private const string Name = "user.hyper2kvm.copy";
    private const int Length = 32;

    /// <summary>Gives a file a mark that none has; none where its file system keeps no attributes.</summary>
    /// <param name="path">The file.</param>
    internal static void Renew(string path)
    {
        fixed (byte* mark = Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(Length))) _ = NativeMethods.SetAttribute(path, Name, mark, Length, 0);
    }

    /// <summary>The mark of a file; empty where there is none.</summary>
    /// <param name="path">The file.</param>
    internal static string Read(string path)
    {
        var mark = stackalloc byte[Length];
        return NativeMethods.GetAttribute(path, Name, mark, Length) == Length ? Encoding.ASCII.GetString(mark, Length) : string.Empty;
    }

    /// <summary>Takes the mark from a file that is made anew.</summary>
    /// <param name="file">Open for writing.</param>
    /// <param name="path">Its path, for the error.</param>
    /// <exception cref="FileSystemErrorException">It would stay.</exception>
    internal static void Remove(SafeFileHandle file, string path)
    {
        if (NativeMethods.RemoveAttribute(file, Name) == 0) return;
        var errno = Marshal.GetLastPInvokeError();
        if (errno is not (NativeMethods.Enodata or NativeMethods.Eopnotsupp)) throw new FileSystemErrorException(path, "fremovexattr", errno);
    }
}
