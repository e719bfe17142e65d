namespace Hyper2Kvm.Guest.Mounting;

/// <summary>What mounts the file systems of a guest: the kernel of this host, FUSE drivers on it, or an appliance.</summary>
/// <param name="ByKernel">The kernel mounts block devices for this process.</param>
/// <param name="Appliance">The appliance that mounts them instead; <see langword="null"/> where this host does.</param>
internal sealed record MountMeans(bool ByKernel, Appliance.ApplianceMachine? Appliance);
