namespace Hyper2Kvm.Guest.Partitions;

/// <summary>Kind of a disk's partition table.</summary>
public enum PartitionTableKind
{
    /// <summary>None: an empty disk, or a file system on the whole disk.</summary>
    None,

    /// <summary>Master boot record.</summary>
    Mbr,

    /// <summary>GUID partition table.</summary>
    Gpt,
}
