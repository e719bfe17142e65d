using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;
using Hyper2Kvm.Helpers.Convert.Linux.Network;
using Hyper2Kvm.Helpers.Convert.Linux.Release;

namespace Hyper2Kvm.Helpers.Convert.Linux;

/// <summary>The guest with what inspection found: what every step plans from.</summary>
internal sealed record LinuxGuest
{
    /// <summary>What the conversion started from.</summary>
    public required LinuxGuestInput Input { get; init; }

    /// <summary>Installed kernels, newest first; at least one.</summary>
    public required IReadOnlyList<InstalledKernel> Kernels { get; init; }

    /// <summary>The kernel that is started on the target: the one that the bootloader starts now where it drives virtio disks, else the best that does.</summary>
    public required InstalledKernel DefaultKernel { get; init; }

    /// <summary>The kernel that the bootloader starts now; <see langword="null"/> where its files do not tell.</summary>
    public required InstalledKernel? StartedKernel { get; init; }

    /// <summary>The bootloader.</summary>
    public required IBootloader Bootloader { get; init; }

    /// <summary>Its family; <see langword="null"/> for one that is not known.</summary>
    public required DistributionFamily? Family { get; init; }

    /// <summary>How disks will be attached on the target.</summary>
    public required TargetBlockBus Block { get; init; }

    /// <summary>Names of volumes that outlive a change of controller.</summary>
    public required VolumeNames Names { get; init; }

    /// <summary>Which card gets which MAC and name.</summary>
    public required NetworkPlan Network { get; init; }

    /// <summary>What was planned so far: those steps that change what others write look here.</summary>
    public IReadOnlyList<StepPlan> Plans { get; init; } = [];

    /// <summary>Where steps note the initramfs files that they have read to their ends, and that need nothing more.</summary>
    public CheckedInitramfs Checked { get; init; } = new();

    /// <summary>What steps want run at the first boot.</summary>
    public FirstBootScripts FirstBoot { get; } = new();

    /// <summary>The files of the guest.</summary>
    public IGuestFiles Files => Input.Files;
}
