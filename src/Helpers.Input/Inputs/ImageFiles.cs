using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Images;

namespace Hyper2Kvm.Helpers.Input.Inputs;

/// <summary>What the inputs share whose source is nothing but image files: the machine around the disks has to be assumed.</summary>
internal static class ImageFiles
{
    /// <summary>Reads each source and puts a default machine around the disks: 2 GiB, one processor, one network card, as <c>virt-v2v -i disk</c> does.</summary>
    /// <param name="request">The source.</param>
    /// <param name="choose">The format of one file.</param>
    /// <exception cref="StepException">A source cannot be used; it carries the disk's index.</exception>
    public static InputPlan Prepare(InputRequest request, Func<SourceFile, IImageFormat> choose)
    {
        var reader = StreamReaderOption.Read(request.Options);
        var disks = request.Sources.Select((path, index) => ReadDisk(path, index, request.InPlace, choose, reader)).ToList();
        return new InputPlan(
            new SourceMetadata
            {
                Schema = SourceMetadata.SchemaName,
                Name = request.Name ?? Path.GetFileNameWithoutExtension(request.Sources[0]),
                Hypervisor = disks.Select(disk => disk.Hypervisor).FirstOrDefault(name => name is not null),
                Firmware = Firmware.Unknown,
                Disks = [.. disks.Select((disk, index) => new DiskMetadata
                {
                    Index = index,
                    Bus = disk.Bus,
                    Format = disk.Format,
                    VirtualBytes = disk.VirtualBytes,
                    Path = disk.Path,
                })],
                Nics = [new NicMetadata()],
            },
            disks);
    }

    /// <summary>The format of an input that reads one format only.</summary>
    /// <param name="format">That format.</param>
    /// <param name="request">The request; its <c>-if</c>, where it is there, has to agree.</param>
    public static Func<SourceFile, IImageFormat> Only(IImageFormat format, InputRequest request)
    {
        if (request.Format is { } asked && !ReferenceEquals(ImageFormats.Find(asked), format))
        {
            throw new StepException(ErrorCodes.Usage, $"-if {asked} does not go with this input type, which reads {format.Title} only", "Leave -if out, or use -i disk.");
        }

        return file => format.Recognises(file)
            ? format
            : throw new StepException(
                ErrorCodes.InputFormat,
                $"{file.Path} is not {format.Title}: it is {KnownContent.Describe(file)}",
                format.MistakeHint(file) ?? "Name the right input type with -i (input-disk detects the format).");
    }

    private static DiskImage ReadDisk(string path, int index, bool inPlace, Func<SourceFile, IImageFormat> choose, StreamReaderOption reader)
    {
        try
        {
            using var file = SourceFile.Open(path);
            var image = reader.Apply(choose(file).Read(file));
            if (inPlace && image.NotInPlace is { } reason)
            {
                throw new StepException(ErrorCodes.InputUnsupported, $"{path} cannot be converted in place: {reason}", "In place: raw, qcow2, VDI, VHDX, dynamic or fixed VHD, and VMDK without stream compression. Convert to another place instead.");
            }

            ImageLock.Check(image, inPlace);
            return image;
        }
        catch (StepException failure) when (failure.Disk is null)
        {
            throw new StepException(failure.Code, failure.Message, failure.Hint, failure, index);
        }
    }
}
