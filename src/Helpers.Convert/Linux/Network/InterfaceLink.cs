using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>The name that a card keeps: as a file of systemd.link(5), or as a rule of udev(7) where the guest's udev reads no such files.</summary>
/// <param name="Name">Name of the interface.</param>
/// <param name="Mac">Address that the card is recognised by; <see langword="null"/> for any card.</param>
/// <param name="Comment">Why, for whoever reads the file.</param>
/// <remarks>
/// The name is kept, rather than the configuration rewritten to a new name: names stand in firewall rules, sysctl settings, service
/// units and scripts, where nobody can find them all.
/// No AlternativeNamesPolicy: the alternative name of one card may be the kept name of another, which then could not be given.
/// </remarks>
internal sealed record InterfaceLink(string Name, string? Mac, string Comment)
{
    /// <summary>What our files start with: before netplan's and the distribution's, since the first file that matches wins.</summary>
    public const string Prefix = "10-hyper2kvm-";

    /// <summary>Where the guest looks for its own ones.</summary>
    public const string Directory = "/etc/systemd/network";

    /// <summary>
    /// Any card on PCI, whatever its address and model. ID_PATH is set before names are given (80-net-setup-link.rules imports
    /// path_id first), and bridges, bonds, VLANs and tunnels have none. <c>virtio-pci-</c> is how systemd before 230 began it.
    /// </summary>
    private const string AnyPciCard = "Path=pci-* virtio-pci-*";

    /// <summary>Name of the file.</summary>
    public string FileName => $"{Prefix}{Name}.link";

    /// <summary>What is in it.</summary>
    public byte[] Content => GuestText.Bytes($"# Written by hyper2kvm. {Comment}\n[Match]\n{(Mac is null ? AnyPciCard : $"MACAddress={Mac}")}\n\n[Link]\nName={Name}\n");

    /// <summary>
    /// The same as a rule. A driver behind the card tells it from bridges, bonds and VLANs that have its address; type 1 is Ethernet.
    /// A name that is given here is not given again by rules further on.
    /// </summary>
    public string Rule => Mac is null
        ? $$"""
            SUBSYSTEM=="net", ACTION=="add", SUBSYSTEMS=="pci", ATTR{type}=="1", KERNEL=="eth*", NAME="{{Name}}"
            """
        : $$"""
            SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{address}=="{{Mac}}", ATTR{type}=="1", NAME="{{Name}}"
            """;
}
