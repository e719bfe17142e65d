using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Native;

namespace Hyper2Kvm.Helpers.Output.Disks;

/// <summary>A raw disk: a plain file, which the copy writes without a server between.</summary>
internal static class RawDisk
{
    /// <summary>Gives an empty file the length of the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="allocate">Allocate all blocks; otherwise it is one hole.</param>
    /// <exception cref="StepException">No room (<see cref="ErrorCodes.OutputNoSpace"/>), or the file system does not take so long a file.</exception>
    public static void Extend(string path, long length, bool allocate)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.SetLength(file, length);
            if (allocate && length > 0 && NativeMethods.Allocate(file, length) is var error and not 0)
            {
                throw TargetFailure.FromErrno(error, path, ErrorCodes.OutputSetup);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw TargetFailure.From(failure, path, ErrorCodes.OutputSetup);
        }
    }
}
