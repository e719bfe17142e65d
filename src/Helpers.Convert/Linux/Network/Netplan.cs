using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Ubuntu's netplan (netplan(5)): <c>network.ethernets</c> with <c>match</c> and <c>set-name</c>.</summary>
internal sealed class Netplan : INetworkConfiguration
{
    /// <summary>Where its files are.</summary>
    public const string Directory = "/etc/netplan";

    /// <inheritdoc/>
    public IEnumerable<ConfiguredCard> Cards(IGuestFiles files, Action<string> warn)
    {
        var cards = new List<ConfiguredCard>();
        foreach (var path in files.List(Directory).Where(name => name.EndsWith(".yaml", StringComparison.Ordinal)).Select(name => $"{Directory}/{name}"))
        {
            try
            {
                cards.AddRange(Parse(files.ReadText(path) ?? string.Empty, path));
            }
            catch (FormatException beyond)
            {
                warn($"{path} was not read for names of interfaces: {beyond.Message}");
            }
        }

        return cards;
    }

    /// <summary>The cards of one file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="path">Its path.</param>
    /// <exception cref="FormatException">It uses something of YAML that is not read here.</exception>
    public static IEnumerable<ConfiguredCard> Parse(string text, string path)
        => YamlSubset.Parse(text)["network"]["ethernets"].Children.Select(entry => Card(entry.Key, entry.Value, path)).OfType<ConfiguredCard>();

    private static ConfiguredCard? Card(string id, YamlNode settings, string path)
    {
        var match = settings["match"];
        var setName = settings["set-name"].Scalar;
        var mac = MacAddress.Normalise(match["macaddress"].Scalar);
        if (mac is not null)
            return new ConfiguredCard(setName ?? match["name"].Scalar, mac, path, KeepsName: setName is not null) { Addresses = Addresses(settings), Section = id };
        var name = setName ?? (match.Children.Count == 0 ? id : match["name"].Scalar);
        return name is not null && InterfaceName.IsCard(name) ? new ConfiguredCard(name, null, path) { Addresses = Addresses(settings), Section = id } : null;
    }

    private static List<string> Addresses(YamlNode settings)
        => [.. settings["addresses"].Children.Select(child => child.Value.Scalar ?? child.Value.Children.FirstOrDefault().Key).OfType<string>(),
            .. IsOn(settings["dhcp4"]) ? (string[])["dhcp"] : IsOn(settings["dhcp6"]) ? ["dhcp6"] : []];

    private static bool IsOn(YamlNode setting) => setting.Scalar is "true" or "yes" or "on";
}
