using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Debian's <c>/etc/network/interfaces</c> with what it includes (interfaces(5)).</summary>
internal sealed partial class Ifupdown : INetworkConfiguration
{
    private const string Start = "/etc/network/interfaces";
    private const int DeepestInclude = 8;

    /// <summary>Files and patterns that are looked at, each once: files that include each other would multiply for ever.</summary>
    private const int MostLookedAt = 2000;

    /// <summary>Options that make an interface a software one out of others.</summary>
    private static readonly string[] MemberOptions = ["bridge_ports", "bridge-ports", "bond_slaves", "bond-slaves", "slaves", "vlan_raw_device", "vlan-raw-device"];

    /// <inheritdoc/>
    public IEnumerable<ConfiguredCard> Cards(IGuestFiles files, Action<string> warn)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var software = new HashSet<string>(StringComparer.Ordinal);
        var addresses = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        Read(files, Start, 0, names, software, addresses, []);

        // ens192.10 is a VLAN and ens192:0 an alias of the card ens192, which need not have a stanza of its own.
        return names.Where(entry => !software.Contains(entry.Key))
            .Select(entry => (Name: entry.Key.Split('.', ':')[0], Path: entry.Value))
            .Where(card => InterfaceName.IsCard(card.Name))
            .DistinctBy(card => card.Name)
            .Select(card => new ConfiguredCard(card.Name, null, card.Path) { Addresses = addresses.GetValueOrDefault(card.Name, []) });
    }

    private static void Read(IGuestFiles files, string path, int depth, Dictionary<string, string> names, HashSet<string> software, Dictionary<string, List<string>> addresses, HashSet<string> seen)
    {
        if (depth > DeepestInclude || !IsNew(path, seen) || files.ReadText(path) is not { } text)
            return;
        var current = string.Empty;
        foreach (var words in text.Replace("\\\n", " ").Split('\n').Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
        {
            if (words.Length < 2 || words[0].StartsWith('#'))
                continue;
            switch (words[0])
            {
                case "iface":
                    current = words[1];
                    names.TryAdd(current, path);
                    if (words is [_, _, var family, "dhcp", ..])
                        AddressesOf(current, addresses).Add(family == "inet" ? "dhcp" : "dhcp6");
                    break;
                case "address":
                    AddressesOf(current, addresses).Add(words[1]);
                    break;
                case "netmask" when AddressesOf(current, addresses) is [.., var last] list && !last.Contains('/') && Ifcfg.PrefixOf(words[1]) is { } prefix:
                    list[^1] = $"{last}/{prefix}";
                    break;
                case "auto" or "allow-hotplug" or "allow-auto":
                    foreach (var name in words.Skip(1))
                        names.TryAdd(name, path);
                    break;
                case "source" or "source-directory":
                    foreach (var included in words.Skip(1).Where(pattern => IsNew($"{words[0]} {pattern}", seen)).SelectMany(pattern => Included(files, pattern, words[0] == "source-directory")))
                        Read(files, included, depth + 1, names, software, addresses, seen);
                    break;
                case var option when MemberOptions.Contains(option):
                    software.Add(current);
                    foreach (var member in words.Skip(1))
                        names.TryAdd(member, path);
                    break;
                default:
                    break;
            }
        }
    }

    private static List<string> AddressesOf(string name, Dictionary<string, List<string>> addresses)
    {
        if (!addresses.TryGetValue(name, out var list))
            addresses[name] = list = [];
        return list;
    }

    private static bool IsNew(string lookedAt, HashSet<string> seen) => seen.Count < MostLookedAt && seen.Add(lookedAt);

    private static IEnumerable<string> Included(IGuestFiles files, string pattern, bool isDirectory)
    {
        var path = pattern.StartsWith('/') ? pattern : $"/etc/network/{pattern}";
        if (isDirectory)
            return files.List(path).Where(name => DirectoryName().IsMatch(name)).Select(name => $"{path.TrimEnd('/')}/{name}");
        var slash = path.LastIndexOf('/');
        return files.List(path[..Math.Max(slash, 1)])
            .Where(name => !name.StartsWith('.') && FileSystemName.MatchesSimpleExpression(path.AsSpan(slash + 1), name, ignoreCase: false))
            .Select(name => $"{path[..slash]}/{name}");
    }

    /// <summary>What source-directory takes, as run-parts does.</summary>
    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex DirectoryName();
}
