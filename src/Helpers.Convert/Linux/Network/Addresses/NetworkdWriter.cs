namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

/// <summary>Files <c>.network</c> of systemd-networkd (systemd.network(5)).</summary>
internal sealed class NetworkdWriter : IAddressWriter
{
    private static readonly string[] Both = ["yes", "true", "on", "1", "both"];

    /// <inheritdoc/>
    public bool Writes(string path) => path.StartsWith(InterfaceLink.Directory, StringComparison.Ordinal) && path.EndsWith(".network", StringComparison.Ordinal);

    /// <inheritdoc/>
    public string? Rewrite(string text, ConfiguredCard card, StaticAddress address)
    {
        var settings = IniFile.Settings(text).ToList();

        // Of a file for several cards each would get the address; in sections of their own settings belong together.
        if (settings.Exists(setting => setting.Section is "Address" or "Route") || settings.Where(setting => setting is { Section: "Match", Key: "Name" }).Any(setting => setting.Value.Contains(' ')))
            return null;
        var keepsServers = address.NameServers.Count == 0 || (address.IsFromLease && settings.Exists(setting => setting is { Section: "Network", Key: "DNS" }));
        var dhcp = settings.LastOrDefault(setting => setting is { Section: "Network", Key: "DHCP" }).Value ?? "no";
        List<string> lines = [$"DHCP={(Both.Contains(dhcp) || dhcp is "ipv6" or "v6" ? "ipv6" : "no")}", $"Address={address.Cidr}"];
        if (address.Gateway is { } gateway)
            lines.Add($"Gateway={gateway}");
        if (!keepsServers)
            lines.AddRange(address.NameServers.Select(server => $"DNS={server}"));
        return SettingLines.ReplaceIn(
            text,
            "Network",
            (key, value) => key == "DHCP" || (key is "Address" or "Gateway" && !value.Contains(':')) || (key == "DNS" && !keepsServers),
            lines);
    }
}
