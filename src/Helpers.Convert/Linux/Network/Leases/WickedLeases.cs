using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Leases;

/// <summary>Leases of SUSE's wicked: XML, whose <c>ipv4:dhcp</c> is a name with a colon, no namespace.</summary>
internal sealed partial class WickedLeases : ILeaseFiles
{
    private const string Directory = "/var/lib/wicked";

    /// <inheritdoc/>
    public IEnumerable<DhcpLease> Leases(IGuestFiles files, Func<string, byte[]?> read)
        => files.List(Directory).Select(name => FileName().Match(name)).Where(match => match.Success)
            .Select(match => Parse(match.Groups["interface"].Value, $"{Directory}/{match.Value}", GuestText.Text(read($"{Directory}/{match.Value}"))))
            .OfType<DhcpLease>();

    private static DhcpLease? Parse(string name, string path, string text)
    {
        var document = new XmlDocument();
        try
        {
            using var reader = new XmlTextReader(new StringReader(text)) { Namespaces = false, DtdProcessing = DtdProcessing.Prohibit };
            document.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }

        var local = Texts(document, "/lease/addresses/address/local").FirstOrDefault()?.Split('/') ?? [];
        var (acquired, time) = (Number(document, "/lease/acquired"), Number(document, "/lease/*/lease-time"));
        return new DhcpLease(name, path)
        {
            Address = local.FirstOrDefault(),
            PrefixLength = local.Length == 2 && int.TryParse(local[1], NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) ? prefix : null,
            Router = Texts(document, "/lease/routes/route[not(destination)]/nexthop/gateway").FirstOrDefault(),
            NameServers = [.. Texts(document, "/lease/dns/server")],
            End = acquired is { } start && time is { } length and <= uint.MaxValue ? UnixTime.Of(start + length) : null,
        };
    }

    private static IEnumerable<string> Texts(XmlDocument document, string path) => document.SelectNodes(path)!.OfType<XmlElement>().Select(element => element.InnerText.Trim());

    private static long? Number(XmlDocument document, string path)
        => long.TryParse(Texts(document, path).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue / 2 ? number : null;

    [GeneratedRegex(@"\Alease-(?<interface>.+)-dhcp-ipv4\.xml\z", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();
}
