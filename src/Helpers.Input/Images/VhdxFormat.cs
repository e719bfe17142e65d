using System.Buffers.Binary;
using System.Numerics;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>Hyper-V's VHDX.</summary>
/// <remarks>Microsoft, [MS-VHDX] "Virtual Hard Disk v2 (VHDX) File Format"; sections are named below.</remarks>
internal sealed class VhdxFormat : IImageFormat
{
    private const int HeaderBytes = 4096;
    private const int RegionTableBytes = 64 << 10;
    private const int MetadataTableBytes = 64 << 10;
    private const int EntryBytes = 32;
    private const int MegaByte = 1 << 20;

    // 2.2.2 Headers, 2.2.3 Region Table: two copies each, at fixed places.
    private static readonly long[] HeaderOffsets = [64 << 10, 128 << 10];
    private static readonly long[] RegionOffsets = [192 << 10, 256 << 10];

    // 2.2.3.2 Region Table Entry; 2.6.2 Known Metadata Items.
    private static readonly Guid BatRegion = new("2DC27766-F623-4200-9D64-115E9BFD4A08");
    private static readonly Guid MetadataRegion = new("8B7CA206-4790-4B9A-B8FE-575F050F886E");
    private static readonly Guid FileParameters = new("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");
    private static readonly Guid VirtualDiskSize = new("2FA54224-CD1B-4876-B211-5DBED83BF4B8");
    private static readonly Guid LogicalSectorSize = new("8141BF1D-A96F-4709-BA47-F233A8FAAB5F");

    /// <inheritdoc/>
    public string Name => "vhdx";

    /// <inheritdoc/>
    public string Title => "a VHDX disk";

    /// <inheritdoc/>
    public bool Recognises(SourceFile file) => file.Head(8).AsSpan().SequenceEqual("vhdxfile"u8);

    /// <inheritdoc/>
    public DiskImage Read(SourceFile file)
    {
        CheckLog(file);
        var regions = Table(file, RegionTable(file), 16, 8);
        var metadataOffset = Region(file, regions, MetadataRegion, "metadata").Offset;
        var metadata = file.Read(metadataOffset, MetadataTableBytes, "the metadata table");
        if (!metadata.AsSpan().StartsWith("metadata"u8))
        {
            throw Corrupt(file, "its metadata table has no mark");
        }

        // 2.6.1: the offset and length of an item are 32 bits each, the offset counts from the table.
        var items = Table(file, metadata, 32, 10, wideOffset: false);
        var parameters = file.Read(metadataOffset + Item(file, items, FileParameters), 8, "the file parameters").AsSpan();
        var size = BinaryPrimitives.ReadUInt64LittleEndian(file.Read(metadataOffset + Item(file, items, VirtualDiskSize), 8, "the disk size"));
        var sector = BinaryPrimitives.ReadUInt32LittleEndian(file.Read(metadataOffset + Item(file, items, LogicalSectorSize), 4, "the sector size"));
        var blockBytes = BinaryPrimitives.ReadUInt32LittleEndian(parameters);
        if ((BinaryPrimitives.ReadUInt32LittleEndian(parameters[4..]) & 2) != 0)
        {
            throw new StepException(ErrorCodes.InputUnsupported, $"{file.Path} is a difference to another disk (a checkpoint)", "Merge the checkpoints in Hyper-V, or export the guest.");
        }

        if (sector != DiskImage.Sector)
        {
            throw new StepException(ErrorCodes.InputUnsupported, $"{file.Path} has logical sectors of {sector} bytes; 512 is supported", "Move the guest's data to a disk with sectors of 512 bytes first.");
        }

        if (blockBytes < MegaByte || blockBytes > 256 * MegaByte || !BitOperations.IsPow2(blockBytes))
        {
            throw Corrupt(file, $"blocks of {blockBytes} bytes are not possible");
        }

        var virtualBytes = DiskImage.CheckSize(file.Path, size);
        CheckBlocks(file, Region(file, regions, BatRegion, "block allocation table"), blockBytes, virtualBytes);
        return new DiskImage
        {
            Path = file.Path,
            Format = Name,
            VirtualBytes = virtualBytes,
            Node = new QemuNode(Name, file.RealPath),
            Files = [file.RealPath],
            Hypervisor = "hyperv",
        };
    }

    /// <summary>2.2.2: the header with the higher sequence number and a right CRC-32C is current; its log is empty where LogGuid is zero.</summary>
    private static void CheckLog(SourceFile file)
    {
        var current = HeaderOffsets
            .Where(offset => offset + HeaderBytes <= file.Length)
            .Select(offset => file.Read(offset, HeaderBytes, "a VHDX header"))
            .Where(header => header.AsSpan().StartsWith("head"u8) && HasChecksum(header))
            .MaxBy(header => BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(8)));
        if (current is null)
        {
            file.RequireLength(HeaderOffsets[^1], HeaderBytes, "the second VHDX header");
            throw Corrupt(file, "neither of its two headers has a right checksum");
        }

        if (new Guid(current.AsSpan(48, 16)) != Guid.Empty)
        {
            // QEMU would replay the log when it may write, and refuses where it may not (block/vhdx-log.c, vhdx_parse_log).
            throw new StepException(
                ErrorCodes.InputBusy,
                $"{file.Path} was not closed cleanly: its log holds changes that are not in the disk yet",
                "Shut the guest down in Hyper-V first. Where that cannot be, let 'qemu-img check -r all' replay the log of a copy.");
        }
    }

    private static byte[] RegionTable(SourceFile file)
        => RegionOffsets
            .Select(offset => file.Read(offset, RegionTableBytes, "the region table"))
            .FirstOrDefault(table => table.AsSpan().StartsWith("regi"u8) && HasChecksum(table))
            ?? throw Corrupt(file, "neither of its two region tables has a right checksum");

    private static Dictionary<Guid, (long Offset, uint Length)> Table(SourceFile file, byte[] table, int first, int countOffset, bool wideOffset = true)
    {
        var count = wideOffset ? BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(countOffset)) : BinaryPrimitives.ReadUInt16LittleEndian(table.AsSpan(countOffset));
        if (count > (table.Length - first) / EntryBytes)
        {
            throw Corrupt(file, $"a table of it claims {count} entries");
        }

        var entries = new Dictionary<Guid, (long, uint)>();
        for (var i = 0; i < (int)count; i++)
        {
            var entry = table.AsSpan(first + (i * EntryBytes), EntryBytes);
            entries[new Guid(entry[..16])] = wideOffset
                ? (BinaryPrimitives.ReadInt64LittleEndian(entry[16..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]))
                : (BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]));
        }

        return entries;
    }

    /// <summary>2.5 BAT: after every "chunk ratio" entries of blocks stands one of a sector bitmap; bits 0 to 2 are the state, 20 to 63 the place in MiB.</summary>
    private static void CheckBlocks(SourceFile file, (long Offset, uint Length) region, uint blockBytes, long virtualBytes)
    {
        const int FullyPresent = 6;
        const long SectorsAChunk = 1L << 23;
        var ratio = SectorsAChunk * DiskImage.Sector / blockBytes;
        var blocks = (virtualBytes + blockBytes - 1) / blockBytes;
        var entries = blocks + ((blocks - 1) / ratio);
        if (entries * sizeof(ulong) > region.Length)
        {
            throw Corrupt(file, $"its block allocation table has {region.Length} bytes, too few for its disk of {virtualBytes} bytes");
        }

        var highest = (Place: 0UL, Block: -1L);
        TableWalk.Each(file, region.Offset, entries, sizeof(ulong), "the block allocation table", (piece, first) =>
        {
            for (var i = 0; i < piece.Length / sizeof(ulong); i++)
            {
                var entry = BinaryPrimitives.ReadUInt64LittleEndian(piece[(i * sizeof(ulong))..]);
                if ((entry & 7) == FullyPresent && entry >> 20 > highest.Place && (first + i + 1) % (ratio + 1) != 0)
                {
                    highest = (entry >> 20, first + i);
                }
            }
        });
        if (highest.Block >= 0)
        {
            file.RequireLength((long)(highest.Place * MegaByte), blockBytes, $"the block at entry {highest.Block} of the block allocation table");
        }
    }

    private static (long Offset, uint Length) Region(SourceFile file, Dictionary<Guid, (long Offset, uint Length)> table, Guid id, string what)
        => table.TryGetValue(id, out var found) ? found : throw Corrupt(file, $"it has no {what} region");

    private static long Item(SourceFile file, Dictionary<Guid, (long Offset, uint Length)> table, Guid id)
        => table.TryGetValue(id, out var found) ? found.Offset : throw Corrupt(file, $"its metadata has no item {id}");

    /// <summary>CRC-32C over the structure, with zeros in place of the checksum at byte 4 (2.2.2, Checksum).</summary>
    private static bool HasChecksum(byte[] structure)
    {
        var crc = uint.MaxValue;
        for (var i = 0; i < structure.Length; i += sizeof(ulong))
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(structure.AsSpan(i));
            crc = BitOperations.Crc32C(crc, i == 0 ? word & uint.MaxValue : word);
        }

        return ~crc == BinaryPrimitives.ReadUInt32LittleEndian(structure.AsSpan(4));
    }

    private static StepException Corrupt(SourceFile file, string what) => new(ErrorCodes.InputCorrupt, $"{file.Path}: {what}");
}
