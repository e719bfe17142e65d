namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

/// <summary>Connections of NetworkManager (nm-settings-keyfile(5)).</summary>
internal sealed class KeyfileWriter : IAddressWriter
{
    /// <inheritdoc/>
    public bool Writes(string path) => path.StartsWith(NetworkManagerKeyfiles.Directory, StringComparison.Ordinal);

    /// <inheritdoc/>
    public string? Rewrite(string text, ConfiguredCard card, StaticAddress address)
    {
        var keepsServers = address.NameServers.Count == 0 || (address.IsFromLease && IniFile.Settings(text).Any(setting => setting is { Section: "ipv4", Key: "dns" }));
        List<string> lines = ["method=manual", $"address1={address.Cidr}{(address.Gateway is { } gateway ? $",{gateway}" : string.Empty)}"];
        if (!keepsServers)
            lines.Add($"dns={string.Concat(address.NameServers.Select(server => $"{server};"))}");
        return SettingLines.ReplaceIn(
            text,
            "ipv4",
            (key, _) => key is "method" or "gateway" || key.StartsWith("address", StringComparison.Ordinal) || (key == "dns" && !keepsServers),
            lines);
    }
}
