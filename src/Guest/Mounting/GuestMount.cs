namespace Hyper2Kvm.Guest.Mounting;

/// <summary>One mounted file system of a guest.</summary>
/// <param name="Volume">What is mounted.</param>
/// <param name="MountPoint">Where in the guest.</param>
/// <param name="Subvolume">btrfs option that chose the subvolume, <c>subvol=@</c>; <see langword="null"/> for the default one.</param>
/// <param name="Type">Driver, <c>ext4</c>.</param>
/// <param name="Options">Options of the file system beyond nosuid, nodev, noexec.</param>
/// <param name="Writable">Whether it can be written.</param>
public sealed record GuestMount(GuestVolume Volume, string MountPoint, string? Subvolume, string Type, string Options, bool Writable);
