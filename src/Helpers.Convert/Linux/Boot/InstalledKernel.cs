namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>One kernel that is installed in the guest.</summary>
/// <param name="Version">Release, as <c>uname -r</c> gives it.</param>
/// <param name="Images">Files that hold it, that of the bootloader's menu first: <c>/boot/vmlinuz-VERSION</c>, and copies that kernel-install(8) made. At least one.</param>
/// <param name="ModuleDirectory"><c>/lib/modules/VERSION</c> or <c>/usr/lib/modules/VERSION</c>.</param>
/// <param name="Modules">Its modules.</param>
internal sealed record InstalledKernel(string Version, IReadOnlyList<string> Images, string ModuleDirectory, KernelModules Modules)
{
    /// <summary>The file that is started.</summary>
    public string ImagePath => Images[0];

    /// <summary>Its initramfs files, that of the bootloader's menu first; several where kernel-install(8) made copies. Empty where it has none.</summary>
    public IReadOnlyList<string> InitramfsPaths { get; init; } = [];

    /// <summary>Path of the initramfs that is started with it, or <see langword="null"/> where it has none.</summary>
    public string? InitramfsPath => InitramfsPaths.Count > 0 ? InitramfsPaths[0] : null;

    /// <summary>Whether it can have its root on virtio-blk behind PCI.</summary>
    public bool DrivesVirtioBlk => Modules.Has("virtio_pci") && Modules.Has("virtio_blk");

    /// <summary>Whether it can have its root on virtio-scsi behind PCI.</summary>
    public bool DrivesVirtioScsi => Modules.Has("virtio_pci") && Modules.Has("virtio_scsi") && Modules.Has("sd_mod");

    /// <summary>Whether it drives a virtio network card.</summary>
    public bool DrivesVirtioNet => Modules.Has("virtio_pci") && Modules.Has("virtio_net");

    /// <summary>How well it suits the target, higher is better: disks count more than the card, and a kernel for debugging is slow.</summary>
    public int Fitness => (DrivesVirtioBlk ? 8 : DrivesVirtioScsi ? 4 : 0) + (DrivesVirtioNet ? 2 : 0) + (Version.EndsWith("debug", StringComparison.Ordinal) || Version.EndsWith("-dbg", StringComparison.Ordinal) ? 0 : 1);
}
