using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Inspection;

/// <summary>Says which bootloader a Linux guest has, by its configuration.</summary>
internal static class BootloaderSearch
{
    private static readonly (string Name, string[] Paths)[] Known =
    [
        ("grub2", ["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"]),
        ("grub-legacy", ["/boot/grub/menu.lst", "/boot/grub/grub.conf"]),
        ("systemd-boot", ["/boot/loader/loader.conf", "/boot/efi/loader/loader.conf", "/efi/loader/loader.conf"]),
        ("extlinux", ["/boot/extlinux/extlinux.conf", "/boot/extlinux.conf", "/boot/syslinux/syslinux.cfg"]),
    ];

    /// <summary>Its name, or <see langword="null"/>.</summary>
    /// <param name="files">The guest.</param>
    public static string? Find(IGuestFiles files) => Known.FirstOrDefault(loader => loader.Paths.Any(path => files.Status(path) is not null)).Name;
}
