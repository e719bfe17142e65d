using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Leases;

/// <summary>Leases of NetworkManager's own client: assignments. Since 1.20 it notes the address alone, and at no time when the lease ends.</summary>
internal sealed partial class NetworkManagerLeases : ILeaseFiles
{
    /// <summary>Where they are.</summary>
    public const string Directory = "/var/lib/NetworkManager";

    /// <inheritdoc/>
    public IEnumerable<DhcpLease> Leases(IGuestFiles files, Func<string, byte[]?> read)
        => files.List(Directory).Select(name => FileName().Match(name)).Where(match => match.Success)
            .Select(match => Parse(match.Groups["interface"].Value, $"{Directory}/{match.Value}", GuestText.Text(read($"{Directory}/{match.Value}"))));

    private static DhcpLease Parse(string name, string path, string text)
    {
        var values = IniFile.Settings(text).GroupBy(setting => setting.Key).ToDictionary(group => group.Key, group => group.Last().Value, StringComparer.Ordinal);
        return new DhcpLease(name, path)
        {
            Address = values.GetValueOrDefault("ADDRESS"),
            PrefixLength = Ipv4.PrefixOf(values.GetValueOrDefault("NETMASK")),
            Router = values.GetValueOrDefault("ROUTER")?.Split(' ')[0],
            NameServers = values.GetValueOrDefault("DNS")?.Split(' ') ?? [],
        };
    }

    [GeneratedRegex(@"\Ainternal-[0-9a-f-]{36}-(?<interface>.+)\.lease\z", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();
}
