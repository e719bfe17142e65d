using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;
using Hyper2Kvm.Helpers.Convert.Linux.Network;

namespace Hyper2Kvm.Helpers.Convert.Linux;

/// <summary>The guest with what inspection found: what every step plans from.</summary>
internal sealed record LinuxGuest
{
    /// <summary>What the conversion started from.</summary>
    public required LinuxGuestInput Input { get; init; }

    /// <summary>Installed kernels, newest first; at least one.</summary>
    public required IReadOnlyList<InstalledKernel> Kernels { get; init; }

    /// <summary>The kernel that the bootloader starts by default.</summary>
    public required InstalledKernel DefaultKernel { get; init; }

    /// <summary>The bootloader's files.</summary>
    public required Grub2 Grub { get; init; }

    /// <summary>How disks will be attached on the target.</summary>
    public required TargetBlockBus Block { get; init; }

    /// <summary>Names of volumes that outlive a change of controller.</summary>
    public required VolumeNames Names { get; init; }

    /// <summary>Which card gets which MAC and name.</summary>
    public required NetworkPlan Network { get; init; }

    /// <summary>What was planned so far: those steps that change what others write look here.</summary>
    public IReadOnlyList<StepPlan> Plans { get; init; } = [];

    /// <summary>What steps want run at the first boot.</summary>
    public FirstBootScripts FirstBoot { get; } = new();

    /// <summary>The files of the guest.</summary>
    public IGuestFiles Files => Input.Files;
}
