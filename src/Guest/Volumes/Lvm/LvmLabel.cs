using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>The label and header of a physical volume (LVM2, lib/label/label.h, lib/format_text/layout.h: struct label_header, pv_header, disk_locn).</summary>
/// <param name="Id">The volume's identifier, 32 characters without dashes.</param>
/// <param name="MetadataAreas">Where the copies of the group's description lie: start and length in bytes, within the volume.</param>
internal sealed record LvmLabel(string Id, IReadOnlyList<(long Start, long Length)> MetadataAreas)
{
    private const int SectorBytes = 512;

    /// <summary>The label lies in one of the first four sectors (LABEL_SCAN_SECTORS).</summary>
    private const int ScannedSectors = 4;

    /// <summary>Offset of what the checksum covers, up to the sector's end.</summary>
    private const int ChecksummedFrom = 20;

    private const int HeaderBytes = 32;
    private const int IdBytes = 32;

    /// <summary>Offset of the lists of areas in the header: behind identifier and size.</summary>
    private const int ListsOffset = 40;

    private const int LocationBytes = 16;

    /// <summary>Reads the label of a volume.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="problem">What is wrong with it, where there is none.</param>
    public static LvmLabel? Read(IDiskReader volume, out string? problem)
    {
        var sectors = new byte[ScannedSectors * SectorBytes];
        _ = volume.ReadAt(sectors, 0);
        problem = "it has no LVM2 label";
        for (var number = 0; number < ScannedSectors; number++)
        {
            var sector = sectors.AsSpan(number * SectorBytes, SectorBytes);
            if (!sector[..8].SequenceEqual("LABELONE"u8) || !sector.Slice(24, 8).SequenceEqual("LVM2 001"u8))
            {
                continue;
            }

            problem =
                BinaryPrimitives.ReadUInt64LittleEndian(sector[8..]) != (ulong)number ? $"its LVM2 label in sector {number} says that it lies in another"
                : BinaryPrimitives.ReadUInt32LittleEndian(sector[16..]) != LvmChecksum.Add(LvmChecksum.Initial, sector[ChecksummedFrom..]) ? $"its LVM2 label in sector {number} has a wrong checksum"
                : null;
            if (problem is null && Parse(sector, volume.Length) is { } label)
            {
                return label;
            }

            problem ??= $"its LVM2 label in sector {number} is damaged";
        }

        return null;
    }

    /// <summary>Two lists follow, of data areas and of metadata areas, each ended by an empty entry.</summary>
    private static LvmLabel? Parse(ReadOnlySpan<byte> sector, long length)
    {
        var start = BinaryPrimitives.ReadUInt32LittleEndian(sector[20..]);
        if (start < HeaderBytes || start > SectorBytes - ListsOffset)
        {
            return null;
        }

        var header = sector[(int)start..];
        if (!LvmNames.IsId(header[..IdBytes]))
        {
            return null;
        }

        var lists = header[ListsOffset..];
        var areas = new List<(long, long)>();
        for (var list = 0; list < 2; list++)
        {
            while (true)
            {
                if (lists.Length < LocationBytes)
                {
                    return null;
                }

                var (offset, size) = (BinaryPrimitives.ReadUInt64LittleEndian(lists), BinaryPrimitives.ReadUInt64LittleEndian(lists[8..]));
                lists = lists[LocationBytes..];
                if (offset == 0)
                {
                    break;
                }

                if (list == 1 && offset < (ulong)length && size <= (ulong)length - offset)
                {
                    areas.Add(((long)offset, (long)size));
                }
            }
        }

        return new LvmLabel(Encoding.ASCII.GetString(header[..IdBytes]), areas);
    }
}
