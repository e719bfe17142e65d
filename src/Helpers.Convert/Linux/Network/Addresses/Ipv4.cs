using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

/// <summary>Addresses of IPv4 as text. What a guest's file calls one is believed only where it is exactly that.</summary>
internal static class Ipv4
{
    private const int Bits = 32;

    /// <summary>An address in the form of four decimal numbers (RFC 6943, section 3.1.1, "strict"); <see langword="null"/> for anything else.</summary>
    /// <param name="text">The text.</param>
    public static IPAddress? Parse(string? text)
        => text is not null && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text ? address : null;

    /// <summary>Whether a card may have it: no network of this host, loopback, multicast or broadcast (RFC 6890).</summary>
    /// <param name="address">The address.</param>
    public static bool IsOfCard(IPAddress address) => address.GetAddressBytes()[0] is > 0 and not 127 and < 224;

    /// <summary>Bits of a netmask; <see langword="null"/> where its ones are not all in front.</summary>
    /// <param name="mask">As <c>255.255.255.0</c>.</param>
    public static int? PrefixOf(string? mask)
    {
        if (Parse(mask) is not { } address)
            return null;
        var value = Number(address);
        var ones = BitOperations.PopCount(value);
        return value == Mask(ones) ? ones : null;
    }

    /// <summary>The netmask of a prefix.</summary>
    /// <param name="prefix">Its bits, 0 to 32.</param>
    public static string Netmask(int prefix)
    {
        var mask = Mask(prefix);
        return string.Create(CultureInfo.InvariantCulture, $"{mask >> 24}.{(mask >> 16) & 0xFF}.{(mask >> 8) & 0xFF}.{mask & 0xFF}");
    }

    /// <summary>Whether two addresses are in one network.</summary>
    /// <param name="one">One address.</param>
    /// <param name="other">The other.</param>
    /// <param name="prefix">Bits of the network.</param>
    public static bool AreInOneNetwork(IPAddress one, IPAddress other, int prefix) => (Number(one) & Mask(prefix)) == (Number(other) & Mask(prefix));

    private static uint Mask(int prefix) => prefix == 0 ? 0 : uint.MaxValue << (Bits - prefix);

    private static uint Number(IPAddress address) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
}
