using System.Buffers.Binary;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Partitions;

/// <summary>A GPT header that was checked (UEFI Specification 2.10, 5.3.2, table 5.5).</summary>
internal sealed record GptHeader
{
    private const int SmallestHeaderBytes = 92;
    private const int ChecksumOffset = 16;
    private const int SmallestEntryBytes = 128;
    private const int LargestEntryBytes = 4096;

    /// <summary>Most bytes of entries that are read: 8192 entries; tools make 128, which is 16 KiB.</summary>
    private const int LargestTableBytes = 1024 * 1024;

    /// <summary>Bytes of a sector.</summary>
    public required int SectorBytes { get; init; }

    /// <summary>First sector of the entries.</summary>
    public required long EntriesLba { get; init; }

    /// <summary>Number of entries.</summary>
    public required int EntryCount { get; init; }

    /// <summary>Bytes of an entry.</summary>
    public required int EntryBytes { get; init; }

    private uint EntriesChecksum { get; init; }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="sectorBytes">Bytes of a sector.</param>
    /// <param name="lba">Where the header is.</param>
    /// <param name="problem">What is wrong with it; <see langword="null"/> where there is none at all.</param>
    public static GptHeader? Read(IDiskReader disk, int sectorBytes, long lba, out string? problem)
    {
        problem = null;
        var sector = new byte[sectorBytes];
        if (lba < 1 || disk.ReadAt(sector, lba * sectorBytes) < sectorBytes || !sector.AsSpan(0, 8).SequenceEqual("EFI PART"u8))
        {
            return null;
        }

        var bytes = sector.AsSpan();
        var headerBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        if (headerBytes < SmallestHeaderBytes || headerBytes > sectorBytes)
        {
            problem = $"its own length of {headerBytes} bytes is impossible";
            return null;
        }

        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]);
        bytes.Slice(ChecksumOffset, 4).Clear();
        if (Crc32.Of(bytes[..(int)headerBytes]) != checksum)
        {
            problem = "wrong checksum";
            return null;
        }

        var ownLba = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        var entriesLba = BinaryPrimitives.ReadUInt64LittleEndian(bytes[72..]);
        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[80..]);
        var entryBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes[84..]);
        problem =
            ownLba != (ulong)lba ? $"it says that it lies at LBA {ownLba}"
            : entryBytes is < SmallestEntryBytes or > LargestEntryBytes || entryBytes % 8 != 0 ? $"entries of {entryBytes} bytes"
            : (ulong)count * entryBytes > LargestTableBytes ? $"{count} entries"
            : entriesLba < 1 || entriesLba >= (ulong)(disk.Length / sectorBytes) ? $"entries at LBA {entriesLba}, outside of the disk"
            : null;
        return problem is not null ? null : new GptHeader
        {
            SectorBytes = sectorBytes,
            EntriesLba = (long)entriesLba,
            EntryCount = (int)count,
            EntryBytes = (int)entryBytes,
            EntriesChecksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[88..]),
        };
    }

    /// <summary>The bytes of all entries, or <see langword="null"/> where they do not have the header's checksum.</summary>
    /// <param name="disk">The disk.</param>
    public byte[]? ReadEntries(IDiskReader disk)
    {
        var entries = new byte[EntryCount * EntryBytes];
        return disk.ReadAt(entries, EntriesLba * SectorBytes) == entries.Length && Crc32.Of(entries) == EntriesChecksum ? entries : null;
    }
}
