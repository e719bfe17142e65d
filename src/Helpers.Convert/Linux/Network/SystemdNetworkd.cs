using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Configuration of systemd-networkd, and <c>.link</c> files of the guest's own (systemd.network(5), systemd.link(5)).</summary>
internal sealed class SystemdNetworkd : INetworkConfiguration
{
    /// <inheritdoc/>
    public IEnumerable<ConfiguredCard> Cards(IGuestFiles files, Action<string> warn)
    {
        foreach (var file in files.List(InterfaceLink.Directory).Where(name => !name.StartsWith(InterfaceLink.Prefix, StringComparison.Ordinal)))
        {
            var path = $"{InterfaceLink.Directory}/{file}";
            var isLink = file.EndsWith(".link", StringComparison.Ordinal);
            if ((!isLink && !file.EndsWith(".network", StringComparison.Ordinal)) || files.ReadText(path) is not { } text)
                continue;
            var settings = IniFile.Settings(text).ToList();
            foreach (var card in isLink ? OfLink(settings, path) : OfNetwork(settings, path).Select(card => card with { Addresses = Addresses(settings) }))
                yield return card;
        }
    }

    private static IEnumerable<ConfiguredCard> OfLink(List<(string Section, string Key, string Value)> settings, string path)
    {
        var name = settings.LastOrDefault(setting => setting is { Section: "Link", Key: "Name" }).Value;
        return name is null ? [] : Macs(settings).Select(mac => new ConfiguredCard(name, mac, path, KeepsName: true, OnlyNames: true));
    }

    private static IEnumerable<ConfiguredCard> OfNetwork(List<(string Section, string Key, string Value)> settings, string path)
    {
        var names = settings.Where(setting => setting is { Section: "Match", Key: "Name" }).SelectMany(setting => setting.Value.Split(' ')).Where(InterfaceName.IsCard).ToList();
        var macs = Macs(settings).ToList();
        return names.Count == 1 ? [new ConfiguredCard(names[0], macs.FirstOrDefault(), path)]
            : names.Count > 1 ? names.Select(name => new ConfiguredCard(name, null, path))
            : macs.Select(mac => new ConfiguredCard(null, mac, path));
    }

    private static IEnumerable<string> Macs(List<(string Section, string Key, string Value)> settings)
        => settings.Where(setting => setting is { Section: "Match", Key: "MACAddress" or "PermanentMACAddress" })
            .SelectMany(setting => setting.Value.Split(' '))
            .Select(MacAddress.Normalise)
            .OfType<string>();

    private static List<string> Addresses(List<(string Section, string Key, string Value)> settings)
        => [.. settings.Where(setting => setting is { Section: "Network" or "Address", Key: "Address" }).Select(setting => setting.Value),
            .. settings.LastOrDefault(setting => setting is { Section: "Network", Key: "DHCP" }).Value switch
            {
                null or "no" or "false" or "off" or "none" => (string[])[],
                "ipv6" or "v6" => ["dhcp6"],
                _ => ["dhcp"],
            }];
}
