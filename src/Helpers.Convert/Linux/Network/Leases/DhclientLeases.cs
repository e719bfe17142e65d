using System.Globalization;
using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Leases;

/// <summary>Leases of ISC dhclient (dhclient.leases(5)); NetworkManager's, which starts it with a file of its own, too.</summary>
internal sealed partial class DhclientLeases : ILeaseFiles
{
    private static readonly string[] Directories = ["/var/lib/dhcp", "/var/lib/dhcp3", "/var/lib/dhclient", NetworkManagerLeases.Directory];

    /// <inheritdoc/>
    public IEnumerable<DhcpLease> Leases(IGuestFiles files, Func<string, byte[]?> read)
        => Directories.SelectMany(directory => files.List(directory).Where(name => name.StartsWith("dhclient", StringComparison.Ordinal) && name.Contains(".lease", StringComparison.Ordinal)).Select(name => $"{directory}/{name}"))
            .SelectMany(path => Parse(GuestText.Text(read(path)), path));

    /// <summary>Blocks <c>lease { … }</c>; those of IPv6 are called lease6.</summary>
    private static IEnumerable<DhcpLease> Parse(string text, string path)
    {
        Dictionary<string, string>? statements = null;
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (LeaseStart().IsMatch(line))
            {
                statements = new Dictionary<string, string>(StringComparer.Ordinal);
            }
            else if (line == "}")
            {
                if (statements?.GetValueOrDefault("interface") is { } name)
                    yield return Lease(name.Trim('"'), path, statements);
                statements = null;
            }
            else if (statements is not null && Statement().Match(line) is { Success: true } statement)
            {
                statements[statement.Groups["key"].Value] = statement.Groups["value"].Value.Trim();
            }
        }
    }

    private static DhcpLease Lease(string name, string path, Dictionary<string, string> statements) => new(name, path)
    {
        Address = statements.GetValueOrDefault("fixed-address"),
        PrefixLength = Ipv4.PrefixOf(statements.GetValueOrDefault("option subnet-mask")),
        Router = List(statements, "option routers").FirstOrDefault(),
        NameServers = List(statements, "option domain-name-servers"),
        End = Time(statements.GetValueOrDefault("expire") ?? string.Empty),
    };

    private static string[] List(Dictionary<string, string> statements, string key)
        => statements.GetValueOrDefault(key)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary><c>4 2024/01/31 12:00:00</c> (UTC, after the day of the week), <c>epoch 1706702400</c> or <c>never</c>.</summary>
    private static DateTimeOffset? Time(string text)
        => text == "never" ? DateTimeOffset.MaxValue
            : text.StartsWith("epoch ", StringComparison.Ordinal) && long.TryParse(text.AsSpan("epoch ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? UnixTime.Of(seconds)
            : text.Length > 2 && DateTimeOffset.TryParseExact(text[2..], "yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : null;

    [GeneratedRegex(@"^lease\s*\{$", RegexOptions.CultureInvariant)]
    private static partial Regex LeaseStart();

    [GeneratedRegex(@"^(?<key>interface|fixed-address|expire|option (?:subnet-mask|routers|domain-name-servers))\s+(?<value>[^;]*);", RegexOptions.CultureInvariant)]
    private static partial Regex Statement();
}
