using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>What a verification starts from: a guest that is mounted read-only, and its disks.</summary>
internal sealed record VerificationInput
{
    /// <summary>The guest.</summary>
    public required LinuxGuestInput Guest { get; init; }

    /// <summary>Its disks.</summary>
    public required IReadOnlyList<GuestDisk> Disks { get; init; }

    /// <summary>The bytes of a disk, by its index.</summary>
    public required Func<int, IDiskReader> ReadDisk { get; init; }

    /// <summary>Cards of the target; <see langword="null"/> where they are not known.</summary>
    public IReadOnlyList<NicMetadata>? Cards { get; init; }

    /// <summary>Initramfs files that this process has read to their ends already, and found to have all drivers.</summary>
    public CheckedInitramfs Checked { get; init; } = new();
}
