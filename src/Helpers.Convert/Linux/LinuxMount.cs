using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux;

/// <summary>One file system of the guest in its place.</summary>
/// <param name="Volume">The volume that holds it.</param>
/// <param name="MountPoint">Where the guest mounts it, <c>/</c> or <c>/boot</c>.</param>
internal sealed record LinuxMount(GuestVolume Volume, string MountPoint);
