using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Where the guest's grub2 has its files.</summary>
/// <param name="ConfigurationPath">The menu that it reads, <c>/boot/grub/grub.cfg</c>.</param>
internal sealed partial record Grub2(string ConfigurationPath)
{
    /// <summary>Settings from which the guest itself makes its menu.</summary>
    public const string DefaultsPath = "/etc/default/grub";

    /// <summary>Finds grub2.</summary>
    /// <param name="files">The guest.</param>
    /// <exception cref="StepException">It is not there (<see cref="ErrorCodes.ConvertBootloader"/>).</exception>
    public static Grub2 Find(IGuestFiles files)
        => new[] { "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg" }.FirstOrDefault(files.HasFile) is { } found
            ? new Grub2(found)
            : throw new StepException(ErrorCodes.ConvertBootloader, "no grub2 menu was found (/boot/grub/grub.cfg)", Other(files));

    /// <summary>All files of the guest that hold <c>linux</c> lines in grub's language.</summary>
    /// <param name="files">The guest.</param>
    public IEnumerable<string> Menus(IGuestFiles files)
    {
        var directory = ConfigurationPath[..ConfigurationPath.LastIndexOf('/')];
        return new[] { ConfigurationPath, $"{directory}/custom.cfg" }
            .Concat(files.List("/etc/grub.d").Where(name => name.EndsWith("_custom", StringComparison.Ordinal)).Select(name => $"/etc/grub.d/{name}"))
            .Where(files.HasFile);
    }

    /// <summary>The kernel that the menu starts where nobody chooses: that of its first entry, where entry 0 is the default; otherwise the newest.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="kernels">Installed kernels, newest first.</param>
    public InstalledKernel DefaultKernel(IGuestFiles files, IReadOnlyList<InstalledKernel> kernels)
    {
        var menu = files.ReadText(ConfigurationPath) ?? string.Empty;
        var first = LinuxLine().Match(menu);
        return !first.Success || !menu.Contains("set default=\"0\"", StringComparison.Ordinal)
            ? kernels[0]
            : kernels.FirstOrDefault(kernel => first.Groups["image"].Value.EndsWith(kernel.ImagePath["/boot".Length..], StringComparison.Ordinal)) ?? kernels[0];
    }

    private static string Other(IGuestFiles files)
        => files.HasFile("/boot/grub/menu.lst") ? "The guest boots with grub legacy: install grub2 in it."
            : files.HasDirectory("/boot/loader/entries") || files.HasDirectory("/boot/efi/loader") ? "The guest boots with systemd-boot: install grub2 in it."
            : ErrorCodes.ConvertBootloader.Remedy;

    [GeneratedRegex(@"^\s*linux(?:16|efi)?\s+(?<image>\S+)", RegexOptions.Multiline)]
    private static partial Regex LinuxLine();
}
