using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Native;

namespace Hyper2Kvm.Helpers.Output.Disks;

/// <summary>A directory that shall take a guest.</summary>
internal static class TargetDirectory
{
    /// <summary>Finds out by trying: root passes every check of permission bits, and still cannot write to a read-only or a virtual file system.</summary>
    /// <param name="directory">The directory.</param>
    /// <exception cref="StepException">It does not exist, or no file can be made there.</exception>
    public static void CheckWritable(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new StepException(
                ErrorCodes.OutputMissing,
                File.Exists(directory) ? $"{directory} is a file, not a directory" : $"the directory {directory} does not exist",
                $"Make it first (mkdir -p '{directory}'), or choose another with -os.");
        }

        var error = NativeMethods.TryNamelessFile(directory);
        if (error is NativeMethods.NotSupported or NativeMethods.IsDirectory)
        {
            error = TryNamedFile(directory);
        }

        // "No such file" while the directory is there: a file system that makes no files, such as /proc.
        if (error != 0)
        {
            throw TargetFailure.FromErrno(error == NativeMethods.NoSuchFile ? NativeMethods.PermissionDenied : error, directory, ErrorCodes.OutputSetup);
        }
    }

    private static int TryNamedFile(string directory)
    {
        var path = Path.Combine(directory, $".hyper2kvm-{Guid.NewGuid():N}");
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            return 0;
        }
        catch (UnauthorizedAccessException)
        {
            return NativeMethods.PermissionDenied;
        }
        catch (IOException failure)
        {
            return failure is FileNotFoundException or DirectoryNotFoundException ? NativeMethods.NoSuchFile : failure.HResult;
        }
    }
}
