using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Partitions;

namespace Hyper2Kvm.Guest.Probing;

/// <summary>Knows the partitions of a Windows dynamic disk: the Logical Disk Manager keeps its volumes in a database of its own (Linux: Documentation/admin-guide/ldm.rst).</summary>
internal static class DynamicDisk
{
    /// <summary>MBR type of every partition of a dynamic disk; an old file system (SFS) has it too.</summary>
    private const string MbrType = "42";

    /// <summary>Where its private header lies on a disk with an MBR (Linux, block/partitions/ldm.h: OFF_PRIV1).</summary>
    private const long HeaderSector = 6;

    private const int SectorBytes = 512;

    /// <summary>GPT types of its database and of its data (Microsoft: PARTITION_LDM_METADATA_GUID, PARTITION_LDM_DATA_GUID).</summary>
    private static readonly string[] GptTypes = ["5808c8aa-7e8f-42e0-85d2-e1e90434cfb3", "af9b60a0-1431-4f62-bc68-3311714a69ad"];

    /// <summary>Whether a partition belongs to it, whatever its first bytes look like: they may be those of the file system of a volume that goes on elsewhere.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="partition">One of its partitions.</param>
    public static bool Has(IDiskReader disk, Partition partition) => GptTypes.Contains(partition.Type) || (partition.Type == MbrType && HasHeader(disk));

    private static bool HasHeader(IDiskReader disk)
    {
        var sector = new byte[SectorBytes];
        return disk.ReadAt(sector, HeaderSector * SectorBytes) == sector.Length && sector.AsSpan(0, 8).SequenceEqual("PRIVHEAD"u8);
    }
}
