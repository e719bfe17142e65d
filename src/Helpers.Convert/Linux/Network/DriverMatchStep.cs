using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Configurations that recognise a card by the driver of the source's card find no card any more: they get the new driver's name.</summary>
internal sealed partial class DriverMatchStep : IConversionStep
{
    /// <inheritdoc/>
    public string Concern => "network-drivers";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var path in Files(guest.Files))
        {
            if (guest.Files.ReadText(path) is { } text)
                plan.Edit(GuestText.Rewrite(path, "the card is recognised by the driver that it has on the target", text, before => TextLines.Map(before, line => DriverLine().Replace(line, "${head}virtio_net${tail}"))));
        }
    }

    private static IEnumerable<string> Files(IGuestFiles files)
        => Of(files, InterfaceLink.Directory, ".network").Concat(Of(files, InterfaceLink.Directory, ".link")).Concat(Of(files, Netplan.Directory, ".yaml"));

    private static IEnumerable<string> Of(IGuestFiles files, string directory, string suffix)
        => files.List(directory).Where(name => name.EndsWith(suffix, StringComparison.Ordinal)).Select(name => $"{directory}/{name}");

    [GeneratedRegex("""^(?<head>\s*(?:Driver=|driver:\s*)["']?)(?:vmxnet3?|e1000e?|pcnet32|hv_netvsc|vif|xen_netfront)(?<tail>["']?\s*)$""")]
    private static partial Regex DriverLine();
}
