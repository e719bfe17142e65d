using System.Net;
using System.Numerics;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>ifcfg files of the Red Hat and SUSE families (sysconfig.txt of initscripts, ifcfg(5) of wicked).</summary>
internal sealed class Ifcfg : INetworkConfiguration
{
    private const string Prefix = "ifcfg-";

    /// <summary>What old SUSE systems put before the address of the card in the name of its file, for cards that have any name (SLES 9 and 10).</summary>
    private const string ById = "eth-id-";

    /// <summary>Copies that editors and package managers leave: the scripts pass them over.</summary>
    private static readonly string[] Leftovers = ["~", ".bak", ".old", ".orig", ".rpmsave", ".rpmorig", ".rpmnew", ".scpmbackup"];
    private static readonly string[] Directories = ["/etc/sysconfig/network-scripts", "/etc/sysconfig/network"];

    /// <inheritdoc/>
    public IEnumerable<ConfiguredCard> Cards(IGuestFiles files, Action<string> warn)
    {
        foreach (var (directory, file) in Directories.SelectMany(directory => files.List(directory).Where(IsRead).Select(name => (directory, name))))
        {
            var path = $"{directory}/{file}";
            if (files.ReadText(path) is not { } text)
                continue;
            var values = Values(text);
            var name = values.GetValueOrDefault("DEVICE") ?? file[Prefix.Length..];
            var mac = MacAddress.Normalise(values.GetValueOrDefault("HWADDR"));
            if (name.StartsWith(ById, StringComparison.Ordinal) && MacAddress.Normalise(name[ById.Length..]) is { } id)
                yield return new ConfiguredCard(null, id, path) { Addresses = Addresses(values) };
            else if (name.StartsWith("eth-bus-", StringComparison.Ordinal))
                warn($"{path} knows its card by the slot that it had in the source");
            else if (InterfaceName.IsCard(name) && values.GetValueOrDefault("TYPE", "Ethernet").Equals("Ethernet", StringComparison.OrdinalIgnoreCase))
                yield return new ConfiguredCard(name, mac, path) { Addresses = Addresses(values) };
        }
    }

    private static bool IsRead(string file) => file.StartsWith(Prefix, StringComparison.Ordinal) && !Leftovers.Any(end => file.EndsWith(end, StringComparison.Ordinal));

    /// <summary>Bits of a netmask, <c>255.255.255.0</c> or a number; <see langword="null"/> for anything else.</summary>
    /// <param name="mask">The mask.</param>
    public static int? PrefixOf(string mask)
    {
        if (int.TryParse(mask, out var bits) && bits is >= 0 and <= 128)
            return bits;
        return IPAddress.TryParse(mask, out var address) && address.GetAddressBytes() is { Length: 4 } bytes
            ? bytes.Sum(part => BitOperations.PopCount(part))
            : null;
    }

    private static List<string> Addresses(Dictionary<string, string> values)
    {
        var addresses = new List<string>();
        if (values.GetValueOrDefault("BOOTPROTO", string.Empty).ToLowerInvariant() is var protocol && protocol.Contains("dhcp", StringComparison.Ordinal))
            addresses.Add(protocol == "dhcp6" ? protocol : "dhcp");
        foreach (var suffix in new[] { string.Empty, "0", "1", "2", "3" })
        {
            if (values.GetValueOrDefault($"IPADDR{suffix}") is not { Length: > 0 } address)
                continue;
            var mask = values.GetValueOrDefault($"PREFIX{suffix}") ?? values.GetValueOrDefault($"PREFIXLEN{suffix}") ?? values.GetValueOrDefault($"NETMASK{suffix}");
            addresses.Add(address.Contains('/') || mask is null || PrefixOf(mask) is not { } prefix ? address : $"{address}/{prefix}");
        }

        return addresses;
    }

    /// <summary>Assignments of a shell, the last of a name wins.</summary>
    private static Dictionary<string, string> Values(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Select(line => line.Trim()).Where(line => !line.StartsWith('#')))
        {
            if (line.IndexOf('=') is > 0 and var equals)
                values[line[..equals]] = line[(equals + 1)..].Trim('"', '\'');
        }

        return values;
    }
}
