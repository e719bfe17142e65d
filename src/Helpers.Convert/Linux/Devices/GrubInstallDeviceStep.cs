using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>
/// Names the disk that the guest's own next upgrade of grub is installed on: debconf's answer to grub-pc on Debian, perl-Bootloader's on SUSE.
/// With a disk that is gone, Debian's upgrade stops and asks, or fails where nobody can answer.
/// </summary>
/// <remarks>A whole disk has no UUID, and a virtio disk without a serial number no name below by-id: it gets the name that the target's kernel gives it.</remarks>
internal sealed partial class GrubInstallDeviceStep : IConversionStep
{
    private const string Debconf = "/var/cache/debconf/config.dat";
    private const string Suse = "/etc/default/grub_installdevice";
    private const string Reason = "an upgrade of grub goes to the disk as the target calls it";

    /// <inheritdoc/>
    public string Concern => "grub-install-device";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        Rewrite(guest, plan, Debconf, RewriteAnswers);
        Rewrite(guest, plan, Suse, (text, devices) => TextLines.Map(text, line => devices.ReplaceDisk(line.Trim(), line) is var disk && disk != line.Trim() ? disk : line));
    }

    private static void Rewrite(LinuxGuest guest, StepPlan plan, string path, Func<string, DeviceRewriter, string> rewrite)
    {
        if (guest.Files.ReadTextOrWarn(path, plan) is { } text)
        {
            // Once only: where disks change places, the new name of one is the old name of another.
            var after = rewrite(text, new DeviceRewriter(guest.Names, path, plan));
            plan.Edit(GuestText.Rewrite(path, Reason, text, _ => after));
        }
    }

    private static string RewriteAnswers(string text, DeviceRewriter devices)
        => Answer().Replace(text, answer => answer.Groups["head"].Value
            + string.Join(", ", answer.Groups["disks"].Value.Split(',').Select(disk => devices.ReplaceDisk(disk.Trim(), $"grub-pc/install_devices: {disk.Trim()}"))));

    /// <summary>A stanza of debconf's database: its name, other fields, its value (debconf-devel(7)).</summary>
    [GeneratedRegex(@"^(?<head>Name: grub-(?:pc|efi)/install_devices(?:_disks_changed)?\n(?:[A-Z][A-Za-z]*:[^\n]*\n)*?Value: )(?<disks>/dev/[^\n]+)", RegexOptions.Multiline)]
    private static partial Regex Answer();
}
