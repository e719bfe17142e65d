using System.Net;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

/// <summary>The address that a card gets, IPv4, checked: nothing else of a guest's or user's text comes into a configuration.</summary>
internal sealed record StaticAddress
{
    private const int LongestPrefix = 31; // of a card that reaches anything by itself

    private StaticAddress(IPAddress address, int prefixLength, IPAddress? gateway, IReadOnlyList<IPAddress> nameServers, bool isFromLease)
        => (Address, PrefixLength, Gateway, NameServers, IsFromLease) = (address, prefixLength, gateway, nameServers, isFromLease);

    /// <summary>The address.</summary>
    public IPAddress Address { get; }

    /// <summary>Bits of its network.</summary>
    public int PrefixLength { get; }

    /// <summary>The router, in that network.</summary>
    public IPAddress? Gateway { get; }

    /// <summary>Name servers.</summary>
    public IReadOnlyList<IPAddress> NameServers { get; }

    /// <summary>Whether it takes DHCP's place: name servers that the configuration has beside DHCP stay then.</summary>
    public bool IsFromLease { get; }

    /// <summary><c>192.0.2.7/24</c>.</summary>
    public string Cidr => $"{Address}/{PrefixLength}";

    /// <summary>Checks the parts of one.</summary>
    /// <param name="address">The address.</param>
    /// <param name="prefix">Bits of its network.</param>
    /// <param name="gateway">The router; <see langword="null"/>: none.</param>
    /// <param name="nameServers">Name servers; those that are no addresses are passed over.</param>
    /// <param name="isFromLease">Whether it takes DHCP's place.</param>
    /// <param name="problem">Why it is none.</param>
    /// <returns><see langword="null"/> where it is none that a card can be given.</returns>
    public static StaticAddress? Of(string? address, int? prefix, string? gateway, IEnumerable<string> nameServers, bool isFromLease, out string problem)
    {
        problem = string.Empty;
        var router = Ipv4.Parse(gateway);
        if (Ipv4.Parse(address) is not { } own || !Ipv4.IsOfCard(own))
            problem = "it has no address that a card can have";
        else if (prefix is not (> 0 and <= LongestPrefix))
            problem = prefix is null ? "the length of its network is not known" : $"a network of /{prefix} holds no router";
        else if (gateway is not null && (router is null || !Ipv4.AreInOneNetwork(own, router, prefix.Value)))
            problem = "its router is outside its network";
        else
            return new StaticAddress(own, prefix.Value, router, [.. nameServers.Select(Ipv4.Parse).OfType<IPAddress>().Distinct()], isFromLease);
        return null;
    }

    /// <summary>For people.</summary>
    public override string ToString()
        => Cidr + (Gateway is null ? string.Empty : $", router {Gateway}") + (NameServers.Count == 0 ? string.Empty : $", name servers {string.Join(' ', NameServers)}");
}
