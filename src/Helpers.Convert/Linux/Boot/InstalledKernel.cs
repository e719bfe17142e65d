namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>One kernel that is installed in the guest.</summary>
/// <param name="Version">Release, as <c>uname -r</c> gives it.</param>
/// <param name="ImagePath"><c>/boot/vmlinuz-VERSION</c>.</param>
/// <param name="ModuleDirectory"><c>/lib/modules/VERSION</c> or <c>/usr/lib/modules/VERSION</c>.</param>
/// <param name="Modules">Its modules.</param>
internal sealed record InstalledKernel(string Version, string ImagePath, string ModuleDirectory, KernelModules Modules)
{
    /// <summary>Path of its initramfs, or <see langword="null"/> where it has none.</summary>
    public string? InitramfsPath { get; init; }

    /// <summary>Whether it can have its root on virtio-blk behind PCI.</summary>
    public bool DrivesVirtioBlk => Modules.Has("virtio_pci") && Modules.Has("virtio_blk");

    /// <summary>Whether it can have its root on virtio-scsi behind PCI.</summary>
    public bool DrivesVirtioScsi => Modules.Has("virtio_pci") && Modules.Has("virtio_scsi") && Modules.Has("sd_mod");

    /// <summary>Whether it drives a virtio network card.</summary>
    public bool DrivesVirtioNet => Modules.Has("virtio_pci") && Modules.Has("virtio_net");
}
