using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Native;

namespace Hyper2Kvm.Helpers.Output.Disks;

/// <summary>What the system says about a file of the target, as a failure that has a code.</summary>
internal static class TargetFailure
{
    /// <summary>A failure from an exception of .NET.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="path">File or directory that it is about.</param>
    /// <param name="otherwise">The code where the reason has none of its own.</param>
    public static StepException From(Exception failure, string path, ErrorCode otherwise) => failure switch
    {
        StepException known => known,
        UnauthorizedAccessException => FromErrno(NativeMethods.PermissionDenied, path, otherwise, failure),
        FileNotFoundException or DirectoryNotFoundException => FromErrno(NativeMethods.NoSuchFile, path, otherwise, failure),
        // On Unix the HResult of an IOException is errno itself.
        _ => FromErrno(failure.HResult, path, otherwise, failure),
    };

    /// <summary>A failure from a system call's errno.</summary>
    /// <param name="errno">The number.</param>
    /// <param name="path">File or directory that it is about.</param>
    /// <param name="otherwise">The code where the reason has none of its own.</param>
    /// <param name="inner">The cause, for the log.</param>
    public static StepException FromErrno(int errno, string path, ErrorCode otherwise, Exception? inner = null) => errno switch
    {
        NativeMethods.FileExists => new(ErrorCodes.OutputExists, $"{path} exists already", inner: inner),
        NativeMethods.NoSuchFile => new(ErrorCodes.OutputMissing, $"{path} does not exist", inner: inner),
        NativeMethods.NoSpace => new(ErrorCodes.OutputNoSpace, $"{path}: no space left on its file system", inner: inner),
        NativeMethods.QuotaExceeded => new(ErrorCodes.OutputNoSpace, $"{path}: the disk quota is used up", inner: inner),
        NativeMethods.PermissionDenied or NativeMethods.NotPermitted => new(ErrorCodes.OutputPermission, $"{path}: no permission to write", inner: inner),
        NativeMethods.ReadOnlyFileSystem => new(ErrorCodes.OutputPermission, $"{path} is on a read-only file system", inner: inner),
        _ => new(otherwise, $"{path}: {inner?.Message ?? new System.ComponentModel.Win32Exception(errno).Message}", inner: inner),
    };
}
