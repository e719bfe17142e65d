using System.Buffers.Binary;
using System.Net;
using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Leases;

/// <summary>Leases of dhcpcd: the server's answer as it came (RFC 2131, section 2; options of RFC 2132). When it came is not in it.</summary>
internal sealed partial class DhcpcdLeases : ILeaseFiles
{
    private const int YourAddress = 16;
    private const int Cookie = 236;
    private const uint CookieValue = 0x63825363;
    private const int AddressBytes = 4;
    private const byte Pad = 0;
    private const byte SubnetMask = 1;
    private const byte Routers = 3;
    private const byte DomainServers = 6;
    private const byte End = 255;

    private static readonly string[] Directories = ["/var/lib/dhcpcd", "/var/lib/dhcpcd5"];

    /// <inheritdoc/>
    public IEnumerable<DhcpLease> Leases(IGuestFiles files, Func<string, byte[]?> read)
        => Directories.SelectMany(directory => files.List(directory).Select(name => FileName().Match(name)).Where(match => match.Success).Select(match => (match.Groups["interface"].Value, Path: $"{directory}/{match.Value}")))
            .Select(file => Parse(file.Value, file.Path, read(file.Path) ?? []))
            .OfType<DhcpLease>();

    private static DhcpLease? Parse(string name, string path, byte[] message)
    {
        if (message.Length < Cookie + AddressBytes || BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(Cookie)) != CookieValue)
            return null;
        var options = new Dictionary<byte, byte[]>();
        for (var at = Cookie + AddressBytes; at < message.Length && message[at] != End;)
        {
            if (message[at] == Pad)
            {
                at++;
                continue;
            }

            if (at + 1 >= message.Length || at + 2 + message[at + 1] > message.Length)
                break;
            options[message[at]] = message[(at + 2)..(at + 2 + message[at + 1])];
            at += 2 + message[at + 1];
        }

        return new DhcpLease(name, path)
        {
            Address = Text(message.AsSpan(YourAddress, AddressBytes)),
            PrefixLength = Ipv4.PrefixOf(Addresses(options, SubnetMask).FirstOrDefault()),
            Router = Addresses(options, Routers).FirstOrDefault(),
            NameServers = Addresses(options, DomainServers),
        };
    }

    private static List<string> Addresses(Dictionary<byte, byte[]> options, byte option)
        => [.. (options.GetValueOrDefault(option) ?? []).Chunk(AddressBytes).Where(bytes => bytes.Length == AddressBytes).Select(bytes => Text(bytes))];

    private static string Text(ReadOnlySpan<byte> address) => new IPAddress(address).ToString();

    [GeneratedRegex(@"\A(?:dhcpcd-)?(?<interface>[A-Za-z0-9_-]+)\.lease\z", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();
}
