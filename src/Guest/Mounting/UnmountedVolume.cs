namespace Hyper2Kvm.Guest.Mounting;

/// <summary>A file system that the guest's fstab names and that is not mounted, though the conversion can go on.</summary>
/// <param name="Spec">What fstab calls it.</param>
/// <param name="MountPoint">Where it would be.</param>
/// <param name="Volume">The volume; <see langword="null"/> where the guest's disks hold none of that name.</param>
/// <param name="Reason">Why not.</param>
/// <param name="IsAwaited">Whether the guest waits for it when it boots, and stops without it: neither <c>nofail</c> nor <c>noauto</c> (systemd.mount(5)).</param>
public sealed record UnmountedVolume(string Spec, string MountPoint, GuestVolume? Volume, string Reason, bool IsAwaited);
