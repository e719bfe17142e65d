using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Helpers.Convert.Linux;

/// <summary>What a Linux conversion starts from: the mounted guest and what is known about it.</summary>
internal sealed record LinuxGuestInput
{
    /// <summary>The files of the guest, all its file systems in their places.</summary>
    public required IGuestFiles Files { get; init; }

    /// <summary>All volumes of all its disks.</summary>
    public required IReadOnlyList<GuestVolume> Volumes { get; init; }

    /// <summary>What is mounted where.</summary>
    public required IReadOnlyList<LinuxMount> Mounts { get; init; }

    /// <summary>Which disk the guest's files mean by which name.</summary>
    public DiskNaming Naming { get; init; } = DiskNaming.AsGiven;

    /// <summary>The machine as the source had it.</summary>
    public required SourceMetadata Source { get; init; }

    /// <summary>Firmware that the disks are laid out for; used where the source does not say.</summary>
    public Firmware DetectedFirmware { get; init; }

    /// <summary>Firmware that the target has: the source's, else what the disks are laid out for.</summary>
    public Firmware TargetFirmware => Source.Firmware != Firmware.Unknown ? Source.Firmware : DetectedFirmware != Firmware.Unknown ? DetectedFirmware : Firmware.Bios;

    /// <summary>What system it is, from os-release.</summary>
    public required OperatingSystemMetadata System { get; init; }

    /// <summary>ID_LIKE of os-release.</summary>
    public IReadOnlyList<string> IdLike { get; init; } = [];

    /// <summary>Name on the target, where it is not the source's.</summary>
    public string? TargetName { get; init; }

    /// <summary>Addresses for the cards of a source that tells none, lower case, in their order.</summary>
    public IReadOnlyList<string> Macs { get; init; } = [];

    /// <summary>Architecture of its programs as libvirt names it; <see langword="null"/> where it cannot be told.</summary>
    public string? Architecture { get; init; }

    /// <summary>Runs programs of the guest, where the user asked for it.</summary>
    public required IGuestPrograms Programs { get; init; }

    /// <summary>Options of the conversion.</summary>
    public JobConvert Options { get; init; } = new();

    /// <summary>A private, empty directory of the host for module trees that depmod reads; its content is thrown away.</summary>
    public required string ToolDirectory { get; init; }
}
