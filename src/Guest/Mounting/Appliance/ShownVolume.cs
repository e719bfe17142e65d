namespace Hyper2Kvm.Guest.Mounting.Appliance;

/// <summary>A file system that the appliance has mounted.</summary>
/// <param name="Volume">What.</param>
/// <param name="MountPoint">Where it is to be in the guest.</param>
/// <param name="Place">Directory of the appliance that it is mounted on, without a slash.</param>
/// <param name="Writable">Whether it can be written there.</param>
internal sealed record ShownVolume(GuestVolume Volume, string MountPoint, string Place, bool Writable);
