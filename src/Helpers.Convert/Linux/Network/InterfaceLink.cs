using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>A file that gives a card its name (systemd.link(5)).</summary>
/// <param name="Name">Name of the interface.</param>
/// <param name="Match">What the card is recognised by, a line of <c>[Match]</c>.</param>
/// <param name="Comment">Why, for whoever reads the file.</param>
/// <remarks>
/// The name is kept, rather than the configuration rewritten to a new name: names stand in firewall rules, sysctl settings, service
/// units and scripts, where nobody can find them all.
/// No AlternativeNamesPolicy: the alternative name of one card may be the kept name of another, which then could not be given.
/// </remarks>
internal sealed record InterfaceLink(string Name, string Match, string Comment)
{
    /// <summary>What our files start with: before netplan's and the distribution's, since the first file that matches wins.</summary>
    public const string Prefix = "10-hyper2kvm-";

    /// <summary>Where the guest looks for its own ones.</summary>
    public const string Directory = "/etc/systemd/network";

    /// <summary>Name of the file.</summary>
    public string FileName => $"{Prefix}{Name}.link";

    /// <summary>What is in it.</summary>
    public byte[] Content => GuestText.Bytes($"# Written by hyper2kvm. {Comment}\n[Match]\n{Match}\n\n[Link]\nName={Name}\n");

    /// <summary>Recognises a card by its address.</summary>
    public static string ByMac(string mac) => $"MACAddress={mac}";

    /// <summary>
    /// Recognises any card on PCI, whatever its address and model. ID_PATH is set before names are given (80-net-setup-link.rules imports
    /// path_id first), and bridges, bonds, VLANs and tunnels have none. <c>virtio-pci-</c> is how systemd before 230 began it.
    /// </summary>
    public const string AnyPciCard = "Path=pci-* virtio-pci-*";
}
