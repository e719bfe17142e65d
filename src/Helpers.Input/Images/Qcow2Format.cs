using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>QEMU's qcow2, versions 2 and 3.</summary>
/// <remarks>QEMU docs/interop/qcow2.txt; sections are named below.</remarks>
internal sealed class Qcow2Format : IImageFormat
{
    private const int HeaderBytes = 112;
    private static readonly byte[] Magic = [(byte)'Q', (byte)'F', (byte)'I', 0xfb];
    private const int LongestChain = 32;
    private const ulong Corrupt = 1 << 1;
    private const ulong ExternalData = 1 << 2;
    private const ulong KnownIncompatible = 0x1f; // dirty, corrupt, external data, compression type, extended L2
    private const uint BackingFormatExtension = 0xe2792aca;

    /// <inheritdoc/>
    public string Name => "qcow2";

    /// <inheritdoc/>
    public string Title => "a qcow2 disk";

    /// <inheritdoc/>
    public bool Recognises(SourceFile file) => file.Head(Magic.Length).AsSpan().SequenceEqual(Magic);

    /// <inheritdoc/>
    public DiskImage Read(SourceFile file) => Read(file, 0);

    private DiskImage Read(SourceFile file, int depth)
    {
        if (depth > LongestChain)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: the chain of backing files is longer than {LongestChain}, or goes round");
        }

        var header = file.Read(0, HeaderBytes, "the qcow2 header").AsSpan();
        var version = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        var clusterBits = BinaryPrimitives.ReadInt32BigEndian(header[20..]);
        if (version is not (2 or 3))
        {
            throw new StepException(ErrorCodes.InputUnsupported, $"{file.Path} is a qcow image of version {version}; 2 and 3 are supported", "qemu-img convert -O qcow2 makes one of today.");
        }

        if (clusterBits is < 9 or > 21)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: its header claims clusters of 2^{clusterBits} bytes");
        }

        CheckFeatures(file, header, version);
        Qcow2Layout.Check(file, header, clusterBits, version);
        var backing = ReadBacking(file, header, version, clusterBits, depth);
        return new DiskImage
        {
            Path = file.Path,
            Format = Name,
            VirtualBytes = DiskImage.CheckSize(file.Path, BinaryPrimitives.ReadUInt64BigEndian(header[24..])),
            Node = new QemuNode(Name, file.RealPath) { CanHaveBacking = true, Backing = backing?.Node },
            Files = [file.RealPath, .. backing?.Files ?? []],
        };
    }

    private static void CheckFeatures(SourceFile file, ReadOnlySpan<byte> header, uint version)
    {
        if (BinaryPrimitives.ReadUInt32BigEndian(header[32..]) != 0)
        {
            throw new StepException(ErrorCodes.InputUnsupported, $"{file.Path} is encrypted", "Decrypt it first: qemu-img convert with its key.");
        }

        var incompatible = version == 3 ? BinaryPrimitives.ReadUInt64BigEndian(header[72..]) : 0;
        if ((incompatible & Corrupt) != 0)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path} is marked as corrupt by QEMU", "Look at it with qemu-img check; repair a copy with qemu-img check -r all.");
        }

        if ((incompatible & ExternalData) != 0)
        {
            throw new StepException(ErrorCodes.InputUnsupported, $"{file.Path} keeps its data in another file (qcow2 external data file)", "Put it into one file: qemu-img convert -O qcow2.");
        }

        if ((incompatible & ~KnownIncompatible) != 0)
        {
            throw new StepException(ErrorCodes.InputUnsupported, $"{file.Path} uses a qcow2 feature that is not known here (incompatible features 0x{incompatible:x})", "Convert it with the QEMU that made it: qemu-img convert -O qcow2 -o compat=1.1.");
        }
    }

    /// <summary>"Header", backing_file_offset: the name is followed only to a plain file beside this one, whose format this one names.</summary>
    private DiskImage? ReadBacking(SourceFile file, ReadOnlySpan<byte> header, uint version, int clusterBits, int depth)
    {
        var offset = BinaryPrimitives.ReadUInt64BigEndian(header[8..]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[16..]);
        if (offset == 0 || length == 0)
        {
            return null;
        }

        if (length > 1023 || offset > 1UL << clusterBits)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: the name of its backing file is not where it may be");
        }

        var name = Encoding.UTF8.GetString(file.Read((long)offset, (int)length, "the name of the backing file"));
        if (HasProtocol(name))
        {
            throw new StepException(ErrorCodes.InputUnsupported, $"{file.Path} has the backing file '{name}', which is not a plain file", "Put the chain into one file: qemu-img convert -O qcow2.");
        }

        var formatName = Qcow2Layout.Extension(file, version == 3 ? BinaryPrimitives.ReadUInt32BigEndian(header[100..]) : 72, (long)offset, BackingFormatExtension);
        var format = formatName is null ? null : ImageFormats.Find(formatName);
        using var below = file.OpenNeighbour(name);
        return format switch
        {
            Qcow2Format when Recognises(below) => Read(below, depth + 1),
            RawFormat => format.Read(below),
            _ => throw new StepException(
                ErrorCodes.InputUnsupported,
                $"{file.Path} does not say that the format of its backing file '{name}' is raw or qcow2 (it says '{formatName}')",
                $"Where the chain is yours, name it: qemu-img rebase -u -b NAME -F FORMAT {file.Path}"),
        };
    }

    /// <summary>As QEMU's path_has_protocol: a colon before the first slash.</summary>
    private static bool HasProtocol(string name) => name.AsSpan().IndexOfAny(':', '/') is var place and >= 0 && name[place] == ':';
}
