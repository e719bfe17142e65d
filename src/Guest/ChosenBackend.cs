using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Mounting.Fuse;

namespace Hyper2Kvm.Guest;

/// <summary>The backend that a guest is opened with, and why.</summary>
/// <param name="Backend">Never <see cref="GuestBackend.Auto"/>.</param>
/// <param name="Reason">For people.</param>
public sealed record ChosenBackend(GuestBackend Backend, string Reason)
{
    /// <summary>Chooses. Pure.</summary>
    /// <param name="asked">What was asked for.</param>
    /// <param name="rights">What this process may do.</param>
    /// <param name="volumes">The guest's volumes.</param>
    /// <param name="forWriting">Whether a disk was opened for writing.</param>
    /// <exception cref="StepException">This user cannot write the guest, whatever the backend or with the one that was asked for (<see cref="ErrorCodes.HostPermission"/>).</exception>
    internal static ChosenBackend Choose(GuestBackend asked, HostRights rights, IEnumerable<GuestVolume> volumes, bool forWriting)
    {
        if (forWriting && !rights.MountsByKernel)
        {
            if (asked == GuestBackend.Direct)
            {
                throw new StepException(ErrorCodes.HostPermission, "without root the backend 'direct' only reads: FUSE drivers pass over the journal when they write", "Run as root, or take --backend appliance.");
            }

            if (!rights.KeepsOwners)
            {
                throw new StepException(
                    ErrorCodes.HostPermission,
                    "the owners of the guest's files cannot be kept: this user is not root and has no subordinate user ids",
                    "Run as root, or install uidmap and give this user 65536 ids in /etc/subuid and /etc/subgid.");
            }
        }

        return asked switch
        {
            GuestBackend.Direct => new ChosenBackend(asked, "asked for"),
            GuestBackend.Appliance => new ChosenBackend(asked, "asked for"),
            _ when rights.MountsByKernel => new ChosenBackend(GuestBackend.Direct, "root: this host's kernel mounts the file systems"),
            _ when forWriting => new ChosenBackend(GuestBackend.Appliance, "not root, and FUSE drivers are only used for reading"),
            _ => volumes.FirstOrDefault(volume => FileSystemDriver.HoldsSystems(volume.Content) && !FuseDrivers.Has(volume.Content!)) is { } other
                ? new ChosenBackend(GuestBackend.Appliance, $"not root, and there is no FUSE driver for the {other.Content} on {other.Device}")
                : new ChosenBackend(GuestBackend.Direct, "not root: FUSE drivers read all file systems that may hold a system"),
        };
    }
}
