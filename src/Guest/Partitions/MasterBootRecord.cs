using System.Buffers.Binary;
using System.Globalization;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Partitions;

/// <summary>The master boot record and its chain of extended boot records.</summary>
/// <remarks>Layout: UEFI Specification 2.10, 5.2.1 (table 5.1); numbering of logical partitions as Linux has it (block/partitions/msdos.c).</remarks>
internal static class MasterBootRecord
{
    private const int SignatureOffset = 510;
    private const int DiskSignatureOffset = 440;
    private const int EntriesOffset = 446;
    private const int EntryBytes = 16;
    private const int Entries = 4;
    private const int FirstLogicalNumber = 5;
    private const byte ProtectiveType = 0xEE;

    /// <summary>Most extended boot records that are followed; Linux shows at most 255 partitions, no tool makes more than 60.</summary>
    private const int LongestChain = 255;

    /// <summary>Whether sector 0 is a boot record with partitions, rather than the boot sector of a file system on the whole disk.</summary>
    public static bool IsPresent(ReadOnlySpan<byte> sector)
    {
        if (sector[SignatureOffset] != 0x55 || sector[SignatureOffset + 1] != 0xAA)
        {
            return false;
        }

        // FAT, NTFS and BitLocker end their boot sector with the same two bytes: told apart by their own names in it.
        if (sector[3..11].SequenceEqual("NTFS    "u8) || sector[3..11].SequenceEqual("-FVE-FS-"u8) || sector[54..57].SequenceEqual("FAT"u8) || sector[82..87].SequenceEqual("FAT32"u8))
        {
            return false;
        }

        for (var index = 0; index < Entries; index++)
        {
            if ((sector[EntriesOffset + (index * EntryBytes)] & 0x7F) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether an entry protects a GPT.</summary>
    public static bool ProtectsGpt(ReadOnlySpan<byte> sector)
    {
        for (var index = 0; index < Entries; index++)
        {
            if (Entry.At(sector, index).Type == ProtectiveType)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads primary and logical partitions.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="sector">Its sector 0.</param>
    public static PartitionTable Read(IDiskReader disk, ReadOnlySpan<byte> sector)
    {
        var signature = BinaryPrimitives.ReadUInt32LittleEndian(sector[DiskSignatureOffset..]);
        var found = new Collector(disk.Length, signature);
        uint? extended = null;
        for (var index = 0; index < Entries; index++)
        {
            var entry = Entry.At(sector, index);
            if (entry.IsExtended)
            {
                extended ??= entry.Start;
            }
            else
            {
                found.Add(index + 1, entry, entry.Start);
            }
        }

        if (extended is { } start)
        {
            ReadLogical(disk, start, found);
        }

        return new PartitionTable(PartitionTableKind.Mbr, found.Partitions, found.Problems);
    }

    private static void ReadLogical(IDiskReader disk, uint containerStart, Collector found)
    {
        var sector = new byte[PartitionTable.DefaultSectorBytes];
        var seen = new HashSet<uint>();
        var number = FirstLogicalNumber;
        var at = containerStart;
        while (seen.Count < LongestChain)
        {
            if (!seen.Add(at))
            {
                found.Problems.Add($"the chain of logical partitions comes back to sector {at}");
                return;
            }

            if (disk.ReadAt(sector, (long)at * PartitionTable.DefaultSectorBytes) < sector.Length
                || sector[SignatureOffset] != 0x55 || sector[SignatureOffset + 1] != 0xAA)
            {
                found.Problems.Add($"no extended boot record at sector {at}: logical partitions from {number} on are lost");
                return;
            }

            uint? next = null;
            for (var index = 0; index < Entries; index++)
            {
                var entry = Entry.At(sector, index);
                if (entry.IsExtended)
                {
                    // Relative to the container, not to this record.
                    next ??= unchecked(containerStart + entry.Start);
                }
                else if (entry.Sectors != 0 && found.Add(number, entry, (long)at + entry.Start))
                {
                    number++;
                }
            }

            if (next is not { } follow)
            {
                return;
            }

            at = follow;
        }

        found.Problems.Add($"more than {LongestChain} logical partitions: the rest was left out");
    }

    /// <summary>One of the four entries of a boot record; sectors of 512 bytes.</summary>
    private readonly record struct Entry(byte Type, bool Active, uint Start, uint Sectors)
    {
        public bool IsExtended => Type is 0x05 or 0x0F or 0x85 && Sectors != 0;

        public static Entry At(ReadOnlySpan<byte> sector, int index)
        {
            var bytes = sector.Slice(EntriesOffset + (index * EntryBytes), EntryBytes);
            return new Entry(
                bytes[4],
                bytes[0] == 0x80,
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
        }
    }

    private sealed class Collector(long diskLength, uint signature)
    {
        public List<Partition> Partitions { get; } = [];

        public List<string> Problems { get; } = [];

        public bool Add(int number, Entry entry, long startSector)
        {
            if (entry.Sectors == 0 || entry.Type == 0)
            {
                return false;
            }

            var offset = startSector * PartitionTable.DefaultSectorBytes;
            var length = (long)entry.Sectors * PartitionTable.DefaultSectorBytes;
            if (startSector == 0 || offset >= diskLength)
            {
                Problems.Add($"partition {number} starts at sector {startSector}, outside of the disk");
                return false;
            }

            if (offset + length > diskLength)
            {
                Problems.Add($"partition {number} ends past the end of the disk: cut there");
                length = diskLength - offset;
            }

            Partitions.Add(new Partition
            {
                Number = number,
                Offset = offset,
                Length = length,
                Type = entry.Type.ToString("x2", CultureInfo.InvariantCulture),
                Uuid = signature == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{signature:x8}-{number:x2}"),
                Bootable = entry.Active,
            });
            return true;
        }
    }
}
