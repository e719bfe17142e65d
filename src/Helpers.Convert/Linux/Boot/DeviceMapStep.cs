using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Names the target's disks in grub's <c>device.map</c>, which grub-install and grub-probe read.</summary>
/// <remarks>A map of whole disks: here a UUID is no name, so the disks get the names that the target's kernel gives them.</remarks>
internal sealed partial class DeviceMapStep : IConversionStep
{
    private static readonly string[] Maps = ["/boot/grub/device.map", "/boot/grub2/device.map"];

    /// <inheritdoc/>
    public string Concern => "device-map";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var path in Maps.Where(guest.Files.HasFile))
        {
            var text = guest.Files.ReadText(path)!;
            plan.Edit(GuestText.Rewrite(path, "the disks as the target's kernel names them", text, before => TextLines.Map(before, line => Rewrite(line, guest.Block.DiskPrefix))));
        }
    }

    private static string Rewrite(string line, string prefix)
        => Entry().Match(line) is { Success: true } entry && int.TryParse(entry.Groups["disk"].Value, out var disk) && disk < 26 && VolumeNames.IsControllerName(entry.Groups["device"].Value)
            ? $"{entry.Groups["head"].Value}/dev/{prefix}{(char)('a' + disk)}"
            : line;

    [GeneratedRegex(@"^(?<head>\s*\(hd(?<disk>[0-9]+)\)\s+)(?<device>/dev/\S+)\s*$")]
    private static partial Regex Entry();
}
