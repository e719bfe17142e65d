using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>The bootloader finds its configuration, and its files are what grub reads: the volumes that its files search for exist, the menu is whole.</summary>
internal sealed partial class BootloaderFilesCheck : IGuestCheck
{
    private const string EfiDirectory = "/boot/efi/EFI";
    private const int EnvironmentBlock = 1024;
    private const string Remake = "Make the menu anew in the guest (update-grub, grub2-mkconfig).";

    /// <inheritdoc/>
    public string Name => "bootloader";

    /// <inheritdoc/>
    public void Check(VerifiedGuest guest, Findings findings, CancellationToken cancel)
    {
        if (guest.Bootloader is not Grub2 grub)
            return;
        foreach (var path in guest.Files.List(EfiDirectory).Select(vendor => $"{EfiDirectory}/{vendor}/grub.cfg").Where(path => path != grub.ConfigurationPath && guest.Files.HasFile(path)))
            CheckStub(guest, path, findings);
        var menu = guest.Files.ReadText(grub.ConfigurationPath)!;
        foreach (var uuid in Searched(menu).Where(uuid => !IsVolume(guest, uuid)))
            findings.Warn(Name, grub.ConfigurationPath, $"grub searches for the volume {uuid}, which the guest does not have", Remake);
        if (!GrubMenu.Parse(menu).IsWhole)
            findings.Warn(Name, grub.ConfigurationPath, "the menu ends within an entry: it may be cut off", Remake);
        var environment = $"{grub.Directory}/grubenv";
        if (guest.Files.Status(environment) is { Length: var length } && length % EnvironmentBlock != 0)
            findings.Warn(Name, environment, $"it has {length} bytes, and grub reads only blocks of {EnvironmentBlock}: the entry that it names is not started", "Run grub-editenv create in the guest, and choose the entry anew.");
    }

    /// <summary>A few lines on the EFI system partition that send grub on to its menu.</summary>
    private void CheckStub(VerifiedGuest guest, string path, Findings findings)
    {
        var text = guest.Files.ReadText(path)!;
        if (!GrubMenu.Parse(text).IsStub || Searched(text).FirstOrDefault() is not { } uuid)
            return;
        if (guest.Devices.Volumes.FirstOrDefault(volume => Is(volume.Uuid, uuid)) is not { } volume)
            findings.Error(Name, path, $"grub's menu is to be on the volume {uuid}, which the guest does not have", "Give all disks of the guest, or run grub-install in it.");
        else if (Prefix().Match(text) is { Success: true } prefix
            && guest.Input.Guest.Mounts.FirstOrDefault(mount => mount.Volume == volume) is { } mount
            && BootPath.Find(guest.Files, $"{prefix.Groups["path"].Value}/grub.cfg", mount.MountPoint.TrimEnd('/')) is null)
            findings.Error(Name, path, $"grub's menu is to be {prefix.Groups["path"].Value}/grub.cfg on the volume {uuid}, where it is not", Remake);
    }

    private static IEnumerable<string> Searched(string text) => Search().Matches(text).Select(match => match.Groups["uuid"].Value).Distinct();

    private static bool IsVolume(VerifiedGuest guest, string uuid) => guest.Devices.Volumes.Any(volume => Is(volume.Uuid, uuid));

    private static bool Is(string? left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^[ \t]*search(?:\.fs_uuid[ \t]+|[ \t][^\n]*(?:--fs-uuid|-u)[ \t][^\n]*?)(?<uuid>[0-9A-Fa-f]{4,8}(?:-[0-9A-Fa-f]{4,12}){1,4})(?![0-9A-Fa-f-])", RegexOptions.Multiline)]
    private static partial Regex Search();

    [GeneratedRegex("""prefix=["']?\(\$\{?\w+\}?\)["']?(?<path>/[^\s"']*)""")]
    private static partial Regex Prefix();
}
