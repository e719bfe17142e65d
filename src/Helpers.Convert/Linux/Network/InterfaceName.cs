using System.Text.RegularExpressions;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Names of interfaces.</summary>
internal static partial class InterfaceName
{
    /// <summary>Whether a name may be that of a card: valid for the kernel (dev_valid_name: under 16 bytes, no slash, colon or space), no pattern, no alias, no VLAN, and not of a kind that is made by software.</summary>
    /// <param name="name">The name.</param>
    public static bool IsCard(string name) => Valid().IsMatch(name) && !Software().IsMatch(name);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,14}$")]
    private static partial Regex Valid();

    [GeneratedRegex("^(?:lo|none|any|all|team|(?:vlan|br|bond|team|tun|tap|wg|docker|virbr|vmbr|dummy|sit|ppp|gre|vxlan|ovs|ib|wlan|wwan)[0-9-].*|veth.*|w[lw][pson][0-9].*)$")]
    private static partial Regex Software();
}
