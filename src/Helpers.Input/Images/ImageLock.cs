using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>Whether a running guest, or another program, has an image open.</summary>
/// <remarks>
/// QEMU marks what it does by locks on single bytes (block/file-posix.c): byte 100 + N, "I use permission N"; byte 200 + N, "nobody else may use
/// permission N". Permission 1 is writing. VMware keeps a directory DISK.vmdk.lck with a file in it while a disk is open.
/// </remarks>
internal static class ImageLock
{
    private const long UsesWriting = 101;
    private const long ForbidsWriting = 201;

    /// <summary>Looks at all files of a disk.</summary>
    /// <param name="image">The disk.</param>
    /// <param name="toWrite">Whether we shall write.</param>
    /// <exception cref="StepException">It is in use (<see cref="ErrorCodes.InputBusy"/>).</exception>
    public static void Check(DiskImage image, bool toWrite)
    {
        foreach (var path in image.Files)
        {
            using var file = SourceFile.Open(path);
            if (file.IsLocked(UsesWriting))
            {
                throw new StepException(ErrorCodes.InputBusy, $"{path} is being written by another program (a running guest?)");
            }

            if (toWrite && file.IsLocked(ForbidsWriting))
            {
                throw new StepException(ErrorCodes.InputBusy, $"{path} is open in another program, which forbids writing it");
            }

            if (Directory.Exists(path + ".lck") && Directory.EnumerateFiles(path + ".lck").Any())
            {
                throw new StepException(ErrorCodes.InputBusy, $"{path} is locked by VMware ({path}.lck)", $"Shut the guest down first; where nothing uses the disk any more, remove {path}.lck.");
            }
        }
    }
}
