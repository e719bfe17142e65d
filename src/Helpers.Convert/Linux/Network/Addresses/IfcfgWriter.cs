namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

/// <summary>ifcfg files of the Red Hat family (sysconfig.txt of initscripts; NetworkManager reads the same).</summary>
internal sealed class IfcfgWriter : IAddressWriter
{
    private static readonly string[] Numbered = ["IPADDR", "NETMASK", "PREFIX", "GATEWAY"];
    private static readonly string[] Single = ["BOOTPROTO", "BROADCAST", "NETWORK"];

    /// <inheritdoc/>
    public bool Writes(string path) => path.StartsWith("/etc/sysconfig/network-scripts/", StringComparison.Ordinal);

    /// <inheritdoc/>
    public string? Rewrite(string text, ConfiguredCard card, StaticAddress address)
    {
        var keepsServers = address.NameServers.Count == 0 || (address.IsFromLease && text.Split('\n').Any(line => IsServer(line) || line.StartsWith("PEERDNS=no", StringComparison.Ordinal)));
        List<string> lines = ["BOOTPROTO=none", $"IPADDR={address.Address}", $"NETMASK={Ipv4.Netmask(address.PrefixLength)}"];
        if (address.Gateway is { } gateway)
            lines.Add($"GATEWAY={gateway}");
        if (!keepsServers)
            lines.AddRange(address.NameServers.Select((server, index) => $"DNS{index + 1}={server}"));
        return SettingLines.Replace(text, line => IsOld(line) || (!keepsServers && IsServer(line)), lines);
    }

    private static bool IsOld(string line) => Single.Contains(Key(line)) || Numbered.Contains(Key(line).TrimEnd("0123456789".ToCharArray()));

    private static bool IsServer(string line) => Key(line) is ['D', 'N', 'S', >= '0' and <= '9', ..];

    private static string Key(string line) => line.TrimStart().Split('=')[0];
}
