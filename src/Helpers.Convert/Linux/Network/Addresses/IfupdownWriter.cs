namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

/// <summary>Stanzas <c>iface NAME inet dhcp</c> of interfaces(5).</summary>
internal sealed class IfupdownWriter : IAddressWriter
{
    private const string Servers = "dns-nameservers";

    private static readonly string[] Old = ["address", "netmask", "gateway", "broadcast", "network"];
    private static readonly string[] Stanzas = ["iface", "mapping", "auto", "source", "source-directory", "rename", "template"];

    /// <inheritdoc/>
    public bool Writes(string path) => path.StartsWith("/etc/network/", StringComparison.Ordinal);

    /// <inheritdoc/>
    public string? Rewrite(string text, ConfiguredCard card, StaticAddress address)
    {
        var lines = text.Split('\n').ToList();
        var heads = Enumerable.Range(0, lines.Count).Where(index => Words(lines[index]) is ["iface", var name, "inet", ..] && name == card.Name).ToList();

        // Several stanzas of a card add up, and a line that goes on on the next one is read as one.
        if (heads.Count != 1 || Words(lines[heads[0]]) is not ["iface", _, "inet", "dhcp" or "static"])
            return null;
        var head = heads[0];
        var end = lines.FindIndex(head + 1, line => Words(line) is [var word, ..] && (Stanzas.Contains(word) || word.StartsWith("allow-", StringComparison.Ordinal) || word.StartsWith("no-", StringComparison.Ordinal)));
        var body = lines[(head + 1)..(end < 0 ? lines.Count : end)];
        if (body.Exists(line => line.EndsWith('\\')))
            return null;
        var keepsServers = address.NameServers.Count == 0 || (address.IsFromLease && body.Exists(line => Words(line) is [Servers, ..]));
        body.RemoveAll(line => Words(line) is [var key, ..] && (Old.Contains(key) || (key == Servers && !keepsServers)));

        List<string> added = [$"    address {address.Address}", $"    netmask {Ipv4.Netmask(address.PrefixLength)}"];
        if (address.Gateway is { } gateway)
            added.Add($"    gateway {gateway}");
        if (!keepsServers)
            added.Add($"    {Servers} {string.Join(' ', address.NameServers)}");
        return string.Join('\n', [.. lines[..head], $"iface {card.Name} inet static", .. added, .. body, .. end < 0 ? [] : lines[end..]]);
    }

    private static string[] Words(string line) => line.TrimStart().StartsWith('#') ? [] : line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
