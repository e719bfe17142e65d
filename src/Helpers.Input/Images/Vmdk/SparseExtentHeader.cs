using System.Buffers.Binary;
using System.Numerics;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images.Vmdk;

/// <summary>The header of a hosted sparse extent; all places and sizes in sectors of 512 bytes.</summary>
/// <remarks>"Virtual Disk Format 5.0", "Hosted Sparse Extent Header" (SparseExtentHeader, packed, little-endian) and "Stream-Optimized Compressed Sparse Extents".</remarks>
internal sealed record SparseExtentHeader
{
    /// <summary>Length of the header, bytes.</summary>
    public const int Bytes = 512;

    /// <summary>"KDMV" as it stands in the file.</summary>
    public const uint Magic = 0x564d444b;

    /// <summary>gdOffset of a stream whose grain directory's place is in the footer (GD_AT_END).</summary>
    public const ulong DirectoryAtEnd = ulong.MaxValue;

    private const ushort Deflate = 1;
    private const uint LargestStreamGrain = 512; // 256 KiB: each thread keeps three; VMware and QEMU write 128
    private const uint LastKnownVersion = 3;
    private const uint SmallestGrain = 8; // "must be greater than 8"; the sentence before it, and VMware's own 4 KiB grains, include it
    private const uint LargestTable = 512; // numGTEsPerGT is 512 everywhere; QEMU takes no more

    /// <summary>Version, 1 to 3.</summary>
    public required uint Version { get; init; }

    /// <summary>Size of the extent.</summary>
    public required long Capacity { get; init; }

    /// <summary>Size of a grain.</summary>
    public required long GrainSize { get; init; }

    /// <summary>Where the embedded descriptor is; 0 where there is none.</summary>
    public required long DescriptorOffset { get; init; }

    /// <summary>How large it may be.</summary>
    public required long DescriptorSize { get; init; }

    /// <summary>Entries of a grain table.</summary>
    public required uint EntriesPerTable { get; init; }

    /// <summary>Where the grain directory is.</summary>
    public required ulong DirectoryOffset { get; init; }

    /// <summary>Sectors before the first grain: header, descriptor, directories and tables.</summary>
    public required long Overhead { get; init; }

    /// <summary>Flags.</summary>
    public required uint Flags { get; init; }

    /// <summary>Whether grains are compressed, each behind a marker (flags, bit 16).</summary>
    public bool IsCompressed => (Flags & (1 << 16)) != 0;

    /// <summary>Whether each grain is a zlib stream behind a marker (flags, bits 16 and 17; compressAlgorithm 1).</summary>
    public bool IsStream => (Flags & (3 << 16)) == 3 << 16 && Compression == Deflate && GrainSize <= LargestStreamGrain;

    /// <summary>compressAlgorithm: 0 none, 1 deflate.</summary>
    public required ushort Compression { get; init; }

    /// <summary>Whether a table entry 1 means a grain of zeros (flags, bit 2).</summary>
    public bool HasZeroGrains => (Flags & (1 << 2)) != 0;

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">512 bytes.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="StepException">It is damaged, or of a version or compression that is not known.</exception>
    public static SparseExtentHeader Parse(ReadOnlySpan<byte> bytes, string path)
    {
        var header = new SparseExtentHeader
        {
            Version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            Flags = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            Capacity = Sectors(bytes[12..], path, "capacity"),
            GrainSize = Sectors(bytes[20..], path, "grainSize"),
            DescriptorOffset = Sectors(bytes[28..], path, "descriptorOffset"),
            DescriptorSize = Sectors(bytes[36..], path, "descriptorSize"),
            EntriesPerTable = BinaryPrimitives.ReadUInt32LittleEndian(bytes[44..]),
            DirectoryOffset = BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..]),
            Overhead = Sectors(bytes[64..], path, "overHead"),
            Compression = BinaryPrimitives.ReadUInt16LittleEndian(bytes[77..]),
        };
        if (header.Version is 0 or > LastKnownVersion || header.Compression > Deflate)
        {
            throw new StepException(ErrorCodes.InputUnsupported, $"{path}: VMDK version {header.Version} with compression {header.Compression} is not known; versions 1 to 3 with none or deflate are");
        }

        if (header.Capacity == 0
            || header.GrainSize < SmallestGrain
            || !BitOperations.IsPow2(header.GrainSize)
            || header.GrainSize > 1 << 18
            || header.EntriesPerTable is 0 or > LargestTable)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{path}: its header makes no sense (capacity {header.Capacity}, grains of {header.GrainSize} sectors, {header.EntriesPerTable} entries a table)");
        }

        return header;
    }

    private static long Sectors(ReadOnlySpan<byte> field, string path, string name)
        => BinaryPrimitives.ReadUInt64LittleEndian(field) is var value && value <= DiskImage.LargestBytes / DiskImage.Sector
            ? (long)value
            : throw new StepException(ErrorCodes.InputCorrupt, $"{path}: {name} = {value} sectors makes no sense");
}
