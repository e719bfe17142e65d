namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>What a kernel's <c>/boot/config-VERSION</c> says is built in: kernels before 2.6.33 have no <c>modules.builtin</c>.</summary>
internal static class KernelConfiguration
{
    private static readonly Dictionary<string, string> Symbols = new(StringComparer.Ordinal)
    {
        ["CONFIG_VIRTIO"] = "virtio",
        ["CONFIG_VIRTIO_RING"] = "virtio_ring",
        ["CONFIG_VIRTIO_PCI"] = "virtio_pci",
        ["CONFIG_VIRTIO_BLK"] = "virtio_blk",
        ["CONFIG_SCSI_VIRTIO"] = "virtio_scsi",
        ["CONFIG_VIRTIO_NET"] = "virtio_net",
        ["CONFIG_VIRTIO_BALLOON"] = "virtio_balloon",
        ["CONFIG_HW_RANDOM_VIRTIO"] = "virtio_rng",
        ["CONFIG_BLK_DEV_SD"] = "sd_mod",
        ["CONFIG_SATA_AHCI"] = "ahci",
    };

    /// <summary>The drivers that we ask for and that are built in, as <c>modules.builtin</c> would list them.</summary>
    /// <param name="text">Text of the configuration.</param>
    public static string BuiltIn(string text)
        => string.Concat(text.Split('\n')
            .Where(line => line.EndsWith("=y", StringComparison.Ordinal))
            .Select(line => Symbols.GetValueOrDefault(line[..^2]))
            .OfType<string>()
            .Select(module => $"{module}.ko\n"));
}
