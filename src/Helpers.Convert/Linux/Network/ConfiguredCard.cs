namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>A card that the guest's configuration speaks of.</summary>
/// <param name="Name">Name of its interface; <see langword="null"/> where the configuration finds it by address alone.</param>
/// <param name="Mac">Address that the configuration recognises it by, lower case.</param>
/// <param name="Path">The file that says so.</param>
/// <param name="KeepsName">Whether the file also sees to the name: a udev rule, a <c>.link</c> file, netplan's <c>set-name</c>.</param>
/// <param name="OnlyNames">Whether the file gives a name and no address: such rules stay behind when cards go.</param>
internal sealed record ConfiguredCard(string? Name, string? Mac, string Path, bool KeepsName = false, bool OnlyNames = false)
{
    /// <summary>Addresses that it is given, <c>192.0.2.7/24</c>, and <c>dhcp</c> where IPv4 gets one by DHCP, <c>dhcp6</c> where only IPv6 does.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>What its file calls its part, where that has a name of its own: netplan's id.</summary>
    public string? Section { get; init; }
}
