using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>
/// Configurations that recognise a card by the driver of the source's card find no card any more, and aliases of modprobe load a driver that drives
/// nothing: they get the new driver's name. A card that is recognised by its slot is told.
/// </summary>
internal sealed partial class DriverMatchStep : IConversionStep
{
    private const string Connections = "/etc/NetworkManager/system-connections";

    /// <inheritdoc/>
    public string Concern => "network-drivers";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var driver = guest.DefaultKernel.DrivesVirtioNet ? "virtio_net" : "e1000";
        var edits = new TextEdits(guest);
        foreach (var path in Configurations(guest.Files))
        {
            if (guest.Files.ReadText(path) is not { } text)
                continue;
            Replace(edits, path, "the card is recognised by the driver that it has on the target", DriverLine(), driver);
            if (Slot().Match(text) is { Success: true } slot)
                plan.Warn($"a card is recognised by the slot that it had in the source: {slot.Value.Trim()}", path, "Match the card by name in the guest.");
        }

        foreach (var path in In(guest.Files, "/etc/modprobe.d", string.Empty).Prepend("/etc/modprobe.conf"))
        {
            if (guest.Files.HasFile(path))
                Replace(edits, path, "the driver that the card has on the target", Alias(), driver);
        }

        edits.AddTo(plan);
    }

    private static void Replace(TextEdits edits, string path, string reason, Regex line, string driver)
        => edits.Rewrite(path, reason, before => TextLines.Map(before, old => line.Replace(old, $"${{head}}{driver}${{tail}}")));

    private static IEnumerable<string> Configurations(IGuestFiles files)
        => In(files, InterfaceLink.Directory, ".network").Concat(In(files, InterfaceLink.Directory, ".link")).Concat(In(files, Netplan.Directory, ".yaml")).Concat(In(files, Connections, string.Empty));

    private static IEnumerable<string> In(IGuestFiles files, string directory, string suffix)
        => files.List(directory).Where(name => name.EndsWith(suffix, StringComparison.Ordinal)).Select(name => $"{directory}/{name}");

    /// <summary><c>Driver=</c> of networkd, <c>driver:</c> of netplan, <c>driver=</c> in <c>[match]</c> of NetworkManager, whose lists end with a semicolon.</summary>
    [GeneratedRegex("""^(?<head>\s*(?:Driver=|driver=|driver:\s*)["']?)(?:vmxnet3?|e1000e?|pcnet32|hv_netvsc|vif|xen_netfront)(?<tail>["']?;?\s*)$""")]
    private static partial Regex DriverLine();

    [GeneratedRegex(@"^(?<head>\s*alias\s+eth[0-9]+\s+)(?:vmxnet3?|vmxnet_gen|e1000e?|pcnet32|vlance|hv_netvsc|netvsc|xen-vnif|xen_netfront|8139too|8139cp|tulip)(?<tail>\s*(?:#.*)?)$")]
    private static partial Regex Alias();

    [GeneratedRegex(@"^\s*[Pp]ath=pci-[0-9a-f]{4}:.*$", RegexOptions.Multiline)]
    private static partial Regex Slot();
}
