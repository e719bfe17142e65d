namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>Where a part of a segment begins.</summary>
/// <param name="Volume">A physical volume as the text names it (<c>pv0</c>), or a logical volume.</param>
/// <param name="Extent">First extent there, from 0.</param>
internal sealed record LvmArea(string Volume, long Extent);
