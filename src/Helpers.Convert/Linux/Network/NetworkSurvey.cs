using System.Text;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Reads all network configurations of a guest and decides on its cards.</summary>
internal static class NetworkSurvey
{
    private static readonly INetworkConfiguration[] Configurations =
        [new PersistentNetRules(), new SystemdNetworkd(), new Netplan(), new NetworkManagerKeyfiles(), new Ifupdown(), new Ifcfg(), new Wicked()];

    /// <summary>Decides on the cards of the target.</summary>
    /// <param name="input">The guest.</param>
    /// <param name="model">Model of the target's cards.</param>
    public static NetworkPlan Of(LinuxGuestInput input, string model)
    {
        var unread = new List<string>();
        var configured = Read(input.Files, unread.Add);
        var plan = CardNaming.Decide(input.Source.Nics, configured, Identity(input), model, input.Macs);
        return plan with { Warnings = [.. unread, .. plan.Warnings] };
    }

    /// <summary>The cards that the configurations of a guest speak of, in the order in which they count.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="warn">Called with what could not be read and why.</param>
    public static IReadOnlyList<ConfiguredCard> Read(IGuestFiles files, Action<string> warn) => [.. Configurations.SelectMany(configuration => configuration.Cards(files, warn))];

    /// <summary>Name and volumes: the same at every run, and another for a guest that only has the same name.</summary>
    private static string Identity(LinuxGuestInput input)
        => input.Volumes.Aggregate(
            new StringBuilder(input.Source.Name),
            (text, volume) => text.Append('\n').Append(volume.Disk).Append(' ').Append(volume.Partition).Append(' ').Append(volume.PartitionUuid).Append(' ').Append(volume.Uuid)).ToString();
}
