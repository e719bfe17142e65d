namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>A physical volume as the group's text describes it.</summary>
/// <param name="Id">Identifier, 32 characters: that of the label on the disk.</param>
/// <param name="StartSectors">Where its first extent begins, sectors of 512 bytes.</param>
/// <param name="Extents">Number of its extents.</param>
/// <param name="IsMissing">Whether the group went on without it: what is on it then is stale.</param>
internal sealed record LvmPhysicalVolume(string Id, long StartSectors, long Extents, bool IsMissing)
{
    /// <summary>The unit of all sizes in the text but extents.</summary>
    public const int SectorBytes = 512;
}
