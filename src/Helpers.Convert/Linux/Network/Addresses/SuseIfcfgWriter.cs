namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

/// <summary>ifcfg files of the SUSE family (ifcfg(5)), with the route in a file beside them (ifroute(5)) and name servers in netconfig's settings (netconfig(8)).</summary>
internal sealed class SuseIfcfgWriter : IAddressWriter
{
    private const string Directory = "/etc/sysconfig/network/";
    private const string Servers = "NETCONFIG_DNS_STATIC_SERVERS=";

    private static readonly string[] Old = ["BOOTPROTO=", "IPADDR=", "NETMASK=", "PREFIXLEN=", "BROADCAST=", "NETWORK="];

    /// <inheritdoc/>
    public bool Writes(string path) => path.StartsWith($"{Directory}ifcfg-", StringComparison.Ordinal);

    /// <inheritdoc/>
    public string? Rewrite(string text, ConfiguredCard card, StaticAddress address)
        => SettingLines.Replace(text, line => Old.Any(key => line.TrimStart().StartsWith(key, StringComparison.Ordinal)), ["BOOTPROTO='static'", $"IPADDR='{address.Cidr}'"]);

    /// <inheritdoc/>
    public IEnumerable<(string Path, Func<string, string> Rewrite)> Others(ConfiguredCard card, StaticAddress address)
    {
        if (address.Gateway is { } gateway)
            yield return ($"{Directory}ifroute-{card.Path[$"{Directory}ifcfg-".Length..]}", text => SettingLines.Replace(text, line => line.StartsWith("default ", StringComparison.Ordinal), [$"default {gateway} - -"]));
        if (address.NameServers.Count > 0)
            yield return ($"{Directory}config", text => NameServers(text, address));
    }

    private static string NameServers(string text, StaticAddress address)
    {
        var isTheirs = address.IsFromLease && text.Split('\n').Any(line => line.StartsWith(Servers, StringComparison.Ordinal) && line[Servers.Length..].Trim('"', '\'', ' ').Length > 0);
        return isTheirs ? text : SettingLines.Replace(text, line => line.StartsWith(Servers, StringComparison.Ordinal), [$"{Servers}\"{string.Join(' ', address.NameServers)}\""]);
    }
}
