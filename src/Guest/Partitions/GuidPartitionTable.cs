using System.Text;
using System.Buffers.Binary;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Partitions;

/// <summary>The GUID partition table (UEFI Specification 2.10, 5.3).</summary>
internal static class GuidPartitionTable
{
    private const int SmallestEntryBytes = 128;
    private const int NameOffset = 56;
    private const int NameBytes = 72;
    private const ulong LegacyBootable = 1UL << 2;

    private static readonly int[] SectorSizes = [512, 4096];

    /// <summary>Reads the table: the primary header at LBA 1, else the backup in the last sector; 512 and 4096 byte sectors.</summary>
    /// <param name="disk">The disk.</param>
    /// <returns>A table with no partitions and a problem where neither header is sound.</returns>
    public static PartitionTable Read(IDiskReader disk)
    {
        var problems = new List<string>();
        foreach (var sectorBytes in SectorSizes)
        {
            if (TryRead(disk, sectorBytes, lba: 1, problems) is { } table)
            {
                return table;
            }
        }

        foreach (var sectorBytes in SectorSizes)
        {
            if (TryRead(disk, sectorBytes, (disk.Length / sectorBytes) - 1, problems) is { } table)
            {
                return table;
            }
        }

        problems.Add("neither header of the GPT is sound");
        return new PartitionTable(PartitionTableKind.Gpt, [], problems);
    }

    private static PartitionTable? TryRead(IDiskReader disk, int sectorBytes, long lba, List<string> problems)
    {
        if (GptHeader.Read(disk, sectorBytes, lba, out var problem) is not { } header)
        {
            Note(problem);
            return null;
        }

        if (header.ReadEntries(disk) is not { } entries)
        {
            Note("its entries do not have the checksum that it gives");
            return null;
        }

        if (problems.Count > 0 && lba != 1)
        {
            problems.Add("the backup table was used");
        }

        return new PartitionTable(PartitionTableKind.Gpt, Partitions(disk, header, entries, problems), problems);

        // No header at all is what the other sector size looks like: nothing to tell.
        void Note(string? what)
        {
            if (what is not null)
            {
                problems.Add($"GPT header at LBA {lba} ({sectorBytes} byte sectors): {what}");
            }
        }
    }

    private static List<Partition> Partitions(IDiskReader disk, GptHeader header, byte[] entries, List<string> problems)
    {
        var found = new List<Partition>();
        for (var index = 0; index < header.EntryCount; index++)
        {
            ReadOnlySpan<byte> entry = entries.AsSpan(index * header.EntryBytes, SmallestEntryBytes);
            var type = new Guid(entry[..16]);
            if (type == Guid.Empty)
            {
                continue;
            }

            var first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
            var last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
            if (first < 1 || last < first || last >= (ulong)(disk.Length / header.SectorBytes))
            {
                problems.Add($"partition {index + 1} lies from LBA {first} to {last}, outside of the disk: left out");
                continue;
            }

            found.Add(new Partition
            {
                Number = index + 1,
                Offset = (long)first * header.SectorBytes,
                Length = (long)(last - first + 1) * header.SectorBytes,
                Type = type.ToString(),
                Uuid = new Guid(entry[16..32]).ToString(),
                Label = Name(entry.Slice(NameOffset, NameBytes)),
                Bootable = (BinaryPrimitives.ReadUInt64LittleEndian(entry[48..]) & LegacyBootable) != 0,
            });
        }

        return found;
    }

    private static string? Name(ReadOnlySpan<byte> bytes)
    {
        var name = Encoding.Unicode.GetString(bytes);
        var end = name.IndexOf('\0', StringComparison.Ordinal);
        name = end < 0 ? name : name[..end];
        return name.Length == 0 ? null : name;
    }
}
