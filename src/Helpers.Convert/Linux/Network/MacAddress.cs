using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Ethernet addresses as text.</summary>
internal static partial class MacAddress
{
    /// <summary>Lower case with colons, or <see langword="null"/> where the text is no address.</summary>
    /// <param name="text">With colons or dashes.</param>
    public static string? Normalise(string? text)
        => text is not null && Form().IsMatch(text.Trim()) ? text.Trim().Replace('-', ':').ToLowerInvariant() : null;

    /// <summary>An address for a card that has none: the same for the same guest at every run, in the range that QEMU's guests use (52:54:00).</summary>
    /// <param name="identity">What tells this guest from others.</param>
    /// <param name="card">Index of the card.</param>
    public static string Derive(string identity, int card)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{identity}\n{card}"));
        return $"52:54:00:{hash[0]:x2}:{hash[1]:x2}:{hash[2]:x2}";
    }

    [GeneratedRegex("^[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}$")]
    private static partial Regex Form();
}
