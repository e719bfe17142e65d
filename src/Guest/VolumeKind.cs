namespace Hyper2Kvm.Guest;

/// <summary>What a volume is.</summary>
public enum VolumeKind
{
    /// <summary>A partition, or a whole disk.</summary>
    Plain,

    /// <summary>An md RAID array, or a partition of one.</summary>
    Raid,

    /// <summary>A logical volume of LVM2.</summary>
    Logical,
}
