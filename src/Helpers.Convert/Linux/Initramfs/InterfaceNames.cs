using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Puts the <c>.link</c> files that keep interface names into an initramfs whose udev names cards.</summary>
/// <remarks>
/// initramfs-tools' own udev hook copies <c>/etc/systemd/network/*.link</c> there too. Since systemd 240 the booted system names a card
/// again that the initramfs has named (NAMING_ALLOW_RERENAMES), so an initramfs is not rewritten for this alone; older ones keep the first name.
/// </remarks>
internal static partial class InterfaceNames
{
    private const int FirstThatRenamesAgain = 240;

    /// <summary>Adds the files where they matter.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="image">The initramfs.</param>
    /// <param name="content">Where they go.</param>
    public static void Add(LinuxGuest guest, InitramfsImage image, InitramfsContent content)
    {
        var namesCards = image.Paths.Any(path => path.EndsWith("/udev/rules.d/80-net-setup-link.rules", StringComparison.Ordinal));
        if (!namesCards || (content.IsEmpty && !(SystemdVersion(guest.Files) < FirstThatRenamesAgain)))
            return;
        foreach (var link in guest.Network.Links)
        {
            if (content.Put(image, $"{image.Resolve("lib/systemd/network")}/{link.FileName}", link.Content))
                content.Because($"{link.FileName}, which keeps the name {link.Name}");
        }
    }

    /// <summary>Version of the guest's systemd by its private library, <see langword="null"/> where it cannot be told.</summary>
    private static int? SystemdVersion(IGuestFiles files)
        => new[] { "/usr/lib/systemd", "/lib/systemd", "/usr/lib/x86_64-linux-gnu/systemd" }
            .SelectMany(files.List)
            .Select(name => PrivateLibrary().Match(name))
            .Where(match => match.Success)
            .Select(match => (int?)int.Parse(match.Groups["version"].Value))
            .Max();

    [GeneratedRegex(@"^libsystemd-shared-(?<version>[0-9]{3})")]
    private static partial Regex PrivateLibrary();
}
