using System.Buffers.Binary;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>Virtual PC's and Hyper-V's VHD.</summary>
/// <remarks>Microsoft, "Virtual Hard Disk Image Format Specification" 1.0 (2006), sections "Hard Disk Footer Format", "Dynamic Disk Header Format", "Block Allocation Table".</remarks>
internal sealed class VhdFormat : IImageFormat
{
    private const int FooterBytes = 512;
    private const int HeaderBytes = 1024;
    private const uint FixedDisk = 2;
    private const uint DynamicDisk = 3;
    private const uint DifferencingDisk = 4;
    private const uint NotAllocated = 0xffffffff;

    /// <summary>Creators for whose disks the size is that of the geometry; all others tell it in the footer (QEMU block/vpc.c, vpc_open).</summary>
    /// <remarks>QEMU knows the others by a list, on which VirtualBox ("vbox") is missing: it would cut its disks to the geometry. So it is told.</remarks>
    private static readonly string[] GeometryCreators = ["vpc ", "vs  ", "qemu"];

    /// <inheritdoc/>
    public string Name => "vpc";

    /// <inheritdoc/>
    public string Title => "a VHD disk";

    /// <inheritdoc/>
    public bool Recognises(SourceFile file)
        => IsFooter(file.Head(FooterBytes)) || (file.Length >= FooterBytes && IsFooter(file.Read(file.Length - FooterBytes, FooterBytes, "the VHD footer")));

    /// <inheritdoc/>
    public string? MistakeHint(SourceFile file)
        => file.Path.EndsWith(".vhd", StringComparison.OrdinalIgnoreCase)
            ? "A fixed VHD is known by its last 512 bytes only: if this is one, it was cut short, so make the export again."
            : null;

    /// <inheritdoc/>
    public DiskImage Read(SourceFile file)
    {
        var atEnd = file.Length >= FooterBytes ? file.Read(file.Length - FooterBytes, FooterBytes, "the VHD footer") : [];
        var footer = IsFooter(atEnd) ? atEnd : file.Head(FooterBytes);
        CheckChecksum(file, footer, 64, "footer");
        var type = BinaryPrimitives.ReadUInt32BigEndian(footer.AsSpan(60));
        switch (type)
        {
            case FixedDisk:
                break;
            case DynamicDisk:
                CheckBlocks(file, footer);
                break;
            case DifferencingDisk:
                throw new StepException(ErrorCodes.InputUnsupported, $"{file.Path} is a difference to another disk (a checkpoint)", "Merge the checkpoints in Hyper-V, or export the guest.");
            default:
                throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: its footer has the unknown disk type {type}");
        }

        if (footer != atEnd)
        {
            // Both the copy at the start and all blocks are here; the specification still wants the footer, and its absence means a cut.
            throw new StepException(ErrorCodes.InputTruncated, $"{file.Path} is truncated: it has {file.Length} bytes and ends without the footer that a VHD has in its last 512 bytes");
        }

        return Describe(file, footer, type);
    }

    private DiskImage Describe(SourceFile file, byte[] footer, uint type)
    {
        var creator = System.Text.Encoding.Latin1.GetString(footer, 28, 4);
        var currentSize = BinaryPrimitives.ReadUInt64BigEndian(footer.AsSpan(48));
        var geometry = Geometry(footer);
        var byGeometry = GeometryCreators.Contains(creator) && geometry < LargestGeometry;
        var size = DiskImage.CheckSize(file.Path, byGeometry ? geometry : currentSize);
        if (type == FixedDisk && size > file.Length - FooterBytes)
        {
            throw new StepException(ErrorCodes.InputTruncated, $"{file.Path} is truncated: it has {file.Length} bytes, and a fixed VHD of its size has {size + FooterBytes}");
        }

        return new DiskImage
        {
            Path = file.Path,
            Format = Name,
            VirtualBytes = size,
            Node = new QemuNode(Name, file.RealPath) { Options = new Dictionary<string, string> { ["force_size_calc"] = byGeometry ? "chs" : "current_size" } },
            Files = [file.RealPath],
            Plain = type == FixedDisk ? new PlainFile(file.RealPath, file.Length) : null,
            Hypervisor = creator == "vbox" ? "virtualbox" : "hyperv",
        };
    }

    /// <summary>Above it a geometry means "too large for one": 65535 cylinders, 16 heads, 255 sectors.</summary>
    private static ulong LargestGeometry => 65535UL * 16 * 255 * DiskImage.Sector;

    private static ulong Geometry(byte[] footer)
        => (ulong)BinaryPrimitives.ReadUInt16BigEndian(footer.AsSpan(56)) * footer[58] * footer[59] * DiskImage.Sector;

    private static bool IsFooter(ReadOnlySpan<byte> bytes) => bytes.StartsWith("conectix"u8);

    /// <summary>One's complement of the sum of all bytes but the checksum's own ("Hard Disk Footer Format", Checksum).</summary>
    private static void CheckChecksum(SourceFile file, byte[] bytes, int position, string what)
    {
        var sum = 0u;
        for (var i = 0; i < bytes.Length; i++)
        {
            sum += i >= position && i < position + sizeof(uint) ? 0u : bytes[i];
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(position)) != ~sum)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: the checksum of its VHD {what} is wrong");
        }
    }

    private static void CheckBlocks(SourceFile file, byte[] footer)
    {
        var headerOffset = BinaryPrimitives.ReadUInt64BigEndian(footer.AsSpan(16));
        var header = file.Read(ToOffset(file, headerOffset), HeaderBytes, "the header of the dynamic VHD");
        if (!header.AsSpan().StartsWith("cxsparse"u8))
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: there is no dynamic disk header where its footer says, at byte {headerOffset}");
        }

        CheckChecksum(file, header, 36, "dynamic disk header");
        var tableOffset = ToOffset(file, BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(16)));
        var entries = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(28));
        var blockBytes = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(32));
        if (blockBytes < DiskImage.Sector || !System.Numerics.BitOperations.IsPow2(blockBytes))
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: blocks of {blockBytes} bytes are not possible");
        }

        var last = TableWalk.Highest(file, tableOffset, entries, "the block allocation table of the VHD", raw =>
        {
            var sector = BinaryPrimitives.ReverseEndianness(raw);
            return sector == NotAllocated ? -1 : sector;
        });
        if (last.Value >= 0)
        {
            // Before the data of a block stands its bitmap, one bit a sector, in whole sectors.
            var bitmap = (blockBytes / DiskImage.Sector / 8) + DiskImage.Sector - 1;
            bitmap -= bitmap % DiskImage.Sector;
            file.RequireLength(last.Value * DiskImage.Sector, bitmap + blockBytes + FooterBytes, $"block {last.Index} with the footer after it");
        }
    }

    private static long ToOffset(SourceFile file, ulong value)
        => value <= long.MaxValue ? (long)value : throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: its VHD header points to byte {value}");
}
