using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>With which command the guest itself makes an initramfs: for messages.</summary>
internal static class RebuildCommand
{
    private static readonly (string Program, string Arguments)[] Tools =
    [
        ("update-initramfs", "-c -k {0}"), ("mkinitcpio", "-P"), ("mkinitfs", "{0}"), ("dracut", "-f --kver {0}"), ("mkinitrd", "-f /boot/initrd-{0}.img {0}"),
    ];

    /// <summary>The command.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="version">Kernel release.</param>
    public static string Of(IGuestFiles files, string version)
    {
        var (program, arguments) = Array.Find(Tools, tool => new[] { "/usr/sbin", "/usr/bin", "/sbin" }.Any(directory => files.HasFile($"{directory}/{tool.Program}"))) is { Program: not null } found ? found : Tools[0];
        return $"{program} {string.Format(System.Globalization.CultureInfo.InvariantCulture, arguments, version)}";
    }
}
