using System.Xml;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Interfaces of SUSE's wicked in its own format (wicked-config(5)); most guests have <see cref="Ifcfg"/> files instead, which it reads too.</summary>
internal sealed class Wicked : INetworkConfiguration
{
    private const string Directory = "/etc/wicked/ifconfig";

    /// <inheritdoc/>
    public IEnumerable<ConfiguredCard> Cards(IGuestFiles files, Action<string> warn)
    {
        var cards = new List<ConfiguredCard>();
        foreach (var path in files.List(Directory).Where(name => name.EndsWith(".xml", StringComparison.Ordinal)).Select(name => $"{Directory}/{name}"))
        {
            try
            {
                cards.AddRange(Interfaces(files.ReadText(path) ?? string.Empty).Select(element => Card(element, path)).OfType<ConfiguredCard>());
            }
            catch (XmlException unread)
            {
                warn($"{path} was not read for names of interfaces: {unread.Message}");
            }
        }

        return cards;
    }

    /// <summary>
    /// Several may stand in a file side by side, without an element around them. The colon of <c>ipv4:static</c> is part of the name: no
    /// namespace is declared.
    /// </summary>
    private static List<XmlElement> Interfaces(string text)
    {
        using var reader = new XmlTextReader(text, XmlNodeType.Element, context: null) { Namespaces = false, DtdProcessing = DtdProcessing.Prohibit };
        var document = new XmlDocument();
        var found = new List<XmlElement>();
        reader.Read();
        while (!reader.EOF)
        {
            if (reader is { NodeType: XmlNodeType.Element, Name: "interface" })
                found.Add((XmlElement)document.ReadNode(reader)!);
            else
                reader.Read();
        }

        return found;
    }

    private static ConfiguredCard? Card(XmlElement element, string path)
    {
        var parts = element.ChildNodes.OfType<XmlElement>().ToList();
        if (element["name"] is not { } name || parts.Exists(part => part.Name is "bridge" or "bond" or "vlan" or "dummy" or "team"))
            return null;
        List<string> addresses =
        [
            .. parts.Where(part => part.Name is "ipv4:static" or "ipv6:static").SelectMany(part => part.GetElementsByTagName("local").OfType<XmlElement>()).Select(local => local.InnerText.Trim()),
            .. parts.Exists(part => part.Name is "ipv4:dhcp" && part["enabled"]?.InnerText.Trim() != "false") ? (string[])["dhcp"] : [],
        ];
        return MacAddress.Normalise(name["permanent-address"]?.InnerText) is { } mac ? new ConfiguredCard(null, mac, path) { Addresses = addresses }
            : InterfaceName.IsCard(name.InnerText.Trim()) ? new ConfiguredCard(name.InnerText.Trim(), null, path) { Addresses = addresses }
            : null;
    }
}
