using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Connections of NetworkManager (nm-settings-keyfile(5)).</summary>
internal sealed class NetworkManagerKeyfiles : INetworkConfiguration
{
    /// <summary>Where its files are.</summary>
    public const string Directory = "/etc/NetworkManager/system-connections";

    private static readonly string[] WiredTypes = ["ethernet", "802-3-ethernet"];

    /// <inheritdoc/>
    public IEnumerable<ConfiguredCard> Cards(IGuestFiles files, Action<string> warn)
    {
        foreach (var path in files.List(Directory).Select(name => $"{Directory}/{name}"))
        {
            if (files.ReadText(path) is not { } text)
                continue;
            var settings = IniFile.Settings(text).ToList();
            if (!settings.Exists(setting => setting is { Section: "connection", Key: "type" } && WiredTypes.Contains(setting.Value)))
                continue;
            var name = settings.LastOrDefault(setting => setting is { Section: "connection", Key: "interface-name" }).Value;
            var mac = MacAddress.Normalise(settings.LastOrDefault(setting => setting is { Section: "ethernet" or "802-3-ethernet", Key: "mac-address" }).Value);
            if ((name is not null && InterfaceName.IsCard(name)) || mac is not null)
                yield return new ConfiguredCard(name, mac, path) { Addresses = Addresses(settings) };
        }
    }

    /// <summary>address1=192.0.2.7/24,192.0.2.1: the gateway after the comma.</summary>
    private static List<string> Addresses(List<(string Section, string Key, string Value)> settings)
        => [.. settings.Where(setting => setting.Section is "ipv4" or "ipv6" && setting.Key.StartsWith("address", StringComparison.Ordinal) && char.IsAsciiDigit(setting.Key[^1]))
                .Select(setting => setting.Value.Split(',', ';')[0]),
            .. settings.Exists(setting => setting is { Section: "ipv4", Key: "method", Value: "auto" }) ? (string[])["dhcp"] : []];
}
