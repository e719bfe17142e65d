namespace Hyper2Kvm.Guest.Mounting;

/// <summary>One file system to mount.</summary>
/// <param name="Volume">The volume; <see langword="null"/> where the specification fits none.</param>
/// <param name="Spec">What the guest's fstab calls it.</param>
/// <param name="MountPoint">Where, absolute in the guest, without a slash at its end.</param>
/// <param name="Subvolume">btrfs option, <c>subvol=@home</c> or <c>subvolid=257</c>; <see langword="null"/> for the default one.</param>
/// <param name="Needed">Whether a failure ends the conversion.</param>
/// <param name="IsAwaited">Whether the guest's boot waits for it.</param>
internal sealed record PlannedMount(GuestVolume? Volume, string Spec, string MountPoint, string? Subvolume, bool Needed, bool IsAwaited = true)
{
    /// <summary>How many directories deep: 1 for <c>/boot</c>.</summary>
    public int Depth => MountPoint.Count(letter => letter == '/');

    /// <summary>Whether its mount point lies in another's.</summary>
    /// <param name="other">The other.</param>
    public bool IsBelow(PlannedMount other) => MountPoint.StartsWith(other.MountPoint + "/", StringComparison.Ordinal);
}
