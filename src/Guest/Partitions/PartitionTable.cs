using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Partitions;

/// <summary>The partitions of one disk.</summary>
/// <param name="Kind">What kind of table.</param>
/// <param name="Partitions">Its entries in the order of their numbers; the container of logical partitions is not among them.</param>
/// <param name="Problems">What was wrong with it, for people: a damaged primary header, an entry past the end. Empty for a sound table.</param>
public sealed record PartitionTable(PartitionTableKind Kind, IReadOnlyList<Partition> Partitions, IReadOnlyList<string> Problems)
{
    /// <summary>Bytes of a sector, as almost every disk of a virtual machine has them.</summary>
    internal const int DefaultSectorBytes = 512;

    /// <summary>No table.</summary>
    internal static readonly PartitionTable Empty = new(PartitionTableKind.None, [], []);

    /// <summary>Reads a disk's table. Nothing in it is believed: every number is held against the disk's length.</summary>
    /// <param name="disk">The disk.</param>
    /// <remarks>GPT counts where the MBR protects it, hybrid or not (UEFI Specification 2.10, 5.2.3), else MBR.</remarks>
    public static PartitionTable Read(IDiskReader disk)
    {
        ArgumentNullException.ThrowIfNull(disk);
        var record = new byte[DefaultSectorBytes];
        if (disk.ReadAt(record, 0) < record.Length || !MasterBootRecord.IsPresent(record))
        {
            return Empty;
        }

        return MasterBootRecord.ProtectsGpt(record)
            ? GuidPartitionTable.Read(disk)
            : MasterBootRecord.Read(disk, record);
    }
}
