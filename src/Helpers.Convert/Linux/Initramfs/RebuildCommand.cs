using System.Globalization;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>With which command the guest itself makes an initramfs.</summary>
/// <param name="Program">Its name.</param>
/// <param name="Advised">Arguments for a person who runs it in the guest; {0} is the kernel release.</param>
/// <param name="Confined">Arguments where neither /sys nor any disk is to be seen; {0} is the kernel release, {1} the initramfs.</param>
/// <param name="Mark">A program that is there where the command is this tool's own: dracut brings an <c>update-initramfs</c> and a <c>mkinitrd</c> too.</param>
internal sealed record RebuildCommand(string Program, string Advised, string Confined, string Mark)
{
    private static readonly string[] Directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>Without /sys, detection of hardware finds nothing: dracut and mkinitcpio are told to put in all drivers, as they do for an image of a distribution.</summary>
    private static readonly RebuildCommand[] Tools =
    [
        new("update-initramfs", "-c -k {0}", "-u -v -k {0}", "mkinitramfs"),
        new("mkinitcpio", "-P", "-S autodetect -k {0} -g {1}", "mkinitcpio"),
        new("mkinitfs", "{0}", "-o {1} {0}", "mkinitfs"),
        new("dracut", "-f --kver {0}", "--force --no-hostonly {1} {0}", "dracut"),
        new("mkinitrd", "-f /boot/initrd-{0}.img {0}", "-f {1} {0}", "mkinitrd"),
    ];

    /// <summary>SUSE's before dracut takes a kernel and a name, both without their directory.</summary>
    private static readonly RebuildCommand Suse = new("mkinitrd", "-k vmlinuz-{0} -i initrd-{0}", "-k vmlinuz-{0} -i initrd-{0}", "mkinitrd");

    /// <summary>The command for a person.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="version">Kernel release.</param>
    public static string Of(IGuestFiles files, string version)
    {
        var tool = Array.Find(Tools, tool => PathOf(files, tool.Program) is not null) ?? Tools[0];
        return $"{tool.Program} {string.Format(CultureInfo.InvariantCulture, tool.Advised, version)}";
    }

    /// <summary>The command for the sandbox, by its path; <see langword="null"/> where the guest has no such tool.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="version">Kernel release.</param>
    /// <param name="image">The initramfs.</param>
    public static IReadOnlyList<string>? InSandbox(IGuestFiles files, string version, string image)
    {
        var found = Array.Find(Tools, tool => PathOf(files, tool.Mark) is not null && PathOf(files, tool.Program) is not null);
        if (found is null)
            return null;
        var tool = found.Program == Suse.Program && files.HasFile("/etc/sysconfig/kernel") && files.HasDirectory("/lib/mkinitrd") ? Suse : found;
        return [PathOf(files, tool.Program)!, .. tool.Confined.Split(' ').Select(word => string.Format(CultureInfo.InvariantCulture, word, version, image))];
    }

    private static string? PathOf(IGuestFiles files, string program) => Directories.Select(directory => $"{directory}/{program}").FirstOrDefault(files.HasFile);
}
