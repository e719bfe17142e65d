using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>The bytes of the disk as they are, in a file or on a block device.</summary>
internal sealed class RawFormat : IImageFormat
{
    /// <inheritdoc/>
    public string Name => "raw";

    /// <inheritdoc/>
    public string Title => "a raw disk";

    /// <summary>Never: raw has no mark.</summary>
    /// <param name="file">The file.</param>
    public bool Recognises(SourceFile file) => false;

    /// <inheritdoc/>
    public DiskImage Read(SourceFile file)
    {
        var wrong = KnownContent.IsText(file) ? "a text file" : KnownContent.Archive(file);
        if (wrong is not null)
        {
            throw new StepException(ErrorCodes.InputFormat, $"{file.Path} is {wrong}, not a disk", "Name the disk image itself; unpack it first where it is packed.");
        }

        return new DiskImage
        {
            Path = file.Path,
            Format = Name,
            VirtualBytes = DiskImage.CheckSize(file.Path, (ulong)file.Length),
            Node = new QemuNode(Name, file.RealPath),
            Files = [file.RealPath],
            Plain = new PlainFile(file.RealPath, file.Length),
            NotInPlace = file.Length % DiskImage.Sector == 0 ? null : $"its length, {file.Length} bytes, is not a multiple of 512, so that its last sector cannot be written",
        };
    }
}
