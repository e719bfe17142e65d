using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>How disks will be attached on the target, and the drivers that this takes.</summary>
/// <param name="Bus">Bus for the disks.</param>
/// <param name="Modules">Drivers that every initramfs must have (where they are not built in).</param>
/// <param name="DiskPrefix">What the guest's kernel will call the disks: <c>vd</c> or <c>sd</c>.</param>
internal sealed record TargetBlockBus(DiskBus Bus, IReadOnlyList<string> Modules, string DiskPrefix)
{
    /// <summary>The drivers for a guest on virtio: its disks on either virtio bus (people move disks later), and its card for network root and early names.</summary>
    private static readonly string[] VirtioModules = ["virtio_pci", "virtio_blk", "virtio_scsi", "sd_mod", "virtio_net"];

    /// <summary>Drivers without which the kernel does not see the disk that holds its root.</summary>
    public IReadOnlyList<string> RootModules => Bus switch
    {
        DiskBus.VirtioBlk => ["virtio_pci", "virtio_blk"],
        DiskBus.VirtioScsi => ["virtio_pci", "virtio_scsi", "sd_mod"],
        _ => ["ahci", "sd_mod"],
    };

    /// <summary>Chooses the bus by what the kernels can drive.</summary>
    /// <param name="kernels">Installed kernels.</param>
    /// <param name="defaultKernel">The one that boots by default.</param>
    /// <param name="plan">Where warnings go.</param>
    public static TargetBlockBus Choose(IReadOnlyList<InstalledKernel> kernels, InstalledKernel defaultKernel, StepPlan plan)
    {
        foreach (var kernel in kernels.Where(kernel => !kernel.DrivesVirtioBlk))
            plan.Warn($"the kernel {kernel.Version} has no virtio_blk driver", kernel.ImagePath, "Boot another kernel of this guest, or remove this one.");
        if (defaultKernel.DrivesVirtioBlk)
            return new TargetBlockBus(DiskBus.VirtioBlk, VirtioModules, "vd");
        if (defaultKernel.DrivesVirtioScsi)
            return new TargetBlockBus(DiskBus.VirtioScsi, VirtioModules, "sd");
        plan.Warn(
            $"the default kernel {defaultKernel.Version} drives no virtio disk; the target's disks are on SATA",
            defaultKernel.ImagePath,
            "Make a kernel with virtio_blk the default of the guest's bootloader, and convert again.");
        return new TargetBlockBus(DiskBus.Sata, ["ahci", "sd_mod", "virtio_net"], "sd");
    }
}
