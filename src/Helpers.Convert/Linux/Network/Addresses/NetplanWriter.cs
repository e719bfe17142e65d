namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

/// <summary>Netplan's files (netplan(5)) in block style, as installers and cloud-init write them. The result is read again: what does not say what it should is not written.</summary>
internal sealed class NetplanWriter : IAddressWriter
{
    private const string Servers = "nameservers";

    private static readonly string[] Old = ["dhcp4", "addresses", "gateway4", "routes"];

    /// <inheritdoc/>
    public bool Writes(string path) => path.StartsWith($"{Netplan.Directory}/", StringComparison.Ordinal);

    /// <inheritdoc/>
    public string? Rewrite(string text, ConfiguredCard card, StaticAddress address)
    {
        var lines = text.Split('\n').ToList();
        if (Block(lines, 0, lines.Count, "network") is not { } network || Block(lines, network.From, network.To, "ethernets") is not { } ethernets
            || Block(lines, ethernets.From, ethernets.To, card.Section!) is not { } entry || card.Addresses.Any(own => own.Contains(':')) || !HasOnlyDefaultRoutes(text, card))
        {
            return null;
        }

        var body = lines[entry.From..entry.To];
        var first = body.FindIndex(IsContent);
        if (first < 0)
            return null;
        var indent = Indent(body[first]);
        var keepsServers = address.NameServers.Count == 0 || (address.IsFromLease && body.Exists(line => Indent(line) == indent && KeyOf(line) == Servers));
        body = Without(body, indent, keepsServers ? Old : [.. Old, Servers]);
        var result = string.Join('\n', [.. lines[..entry.From], .. Lines(address, keepsServers).Select(line => new string(' ', indent) + line), .. body, .. lines[entry.To..]]);
        return Says(result, card, address) ? result : null;
    }

    private static IEnumerable<string> Lines(StaticAddress address, bool keepsServers)
        => ["dhcp4: false", $"addresses: [{address.Cidr}]",
            .. address.Gateway is { } gateway ? (string[])["routes:", "- to: 0.0.0.0/0", $"  via: {gateway}"] : [],
            .. keepsServers ? (string[])[] : [$"{Servers}:", $"  addresses: [{string.Join(", ", address.NameServers)}]"]];

    /// <summary>A default route is replaced with the address; other routes stay somebody's decision.</summary>
    private static bool HasOnlyDefaultRoutes(string text, ConfiguredCard card)
        => YamlSubset.Parse(text)["network"]["ethernets"][card.Section!]["routes"].Children.TrueForAll(route => route.Value["to"].Scalar is "default" or "0.0.0.0/0");

    private static bool Says(string text, ConfiguredCard card, StaticAddress address)
    {
        try
        {
            return Netplan.Parse(text, card.Path).Any(read => read.Section == card.Section && read.Name == card.Name && read.Addresses.Contains(address.Cidr) && !read.Addresses.Contains("dhcp"));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>The lines below a key of a mapping that spans some lines; nothing where the key has a value on its own line.</summary>
    private static (int From, int To)? Block(List<string> lines, int from, int to, string key)
    {
        var first = lines.FindIndex(from, to - from, IsContent);
        var head = first < 0 ? -1 : lines.FindIndex(first, to - first, line => IsContent(line) && Indent(line) == Indent(lines[first]) && KeyOf(line) == key && ValueOf(line).Length == 0);
        if (head < 0)
            return null;
        var end = lines.FindIndex(head + 1, to - head - 1, line => IsContent(line) && Indent(line) <= Indent(lines[head]));
        return (head + 1, end < 0 ? LastContent(lines, head, to) : end);
    }

    private static int LastContent(List<string> lines, int from, int to)
    {
        while (to > from + 1 && !IsContent(lines[to - 1]))
            to--;
        return to;
    }

    /// <summary>Keys with what belongs to them: deeper lines, and items of a sequence that stand as deep as the key.</summary>
    private static List<string> Without(List<string> body, int indent, string[] keys)
    {
        var kept = new List<string>();
        var isGoing = false;
        foreach (var line in body)
        {
            if (IsContent(line) && Indent(line) <= indent && !line.TrimStart().StartsWith('-'))
                isGoing = keys.Contains(KeyOf(line));
            if (!isGoing || !IsContent(line))
                kept.Add(line);
        }

        return kept;
    }

    private static bool IsContent(string line) => line.Trim() is { Length: > 0 } text && text[0] != '#' && !text.StartsWith("---", StringComparison.Ordinal);

    private static int Indent(string line) => line.Length - line.TrimStart(' ').Length;

    private static string KeyOf(string line) => line.Split(':')[0].Trim().Trim('"', '\'');

    private static string ValueOf(string line) => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(" #")[0].Trim();
}
