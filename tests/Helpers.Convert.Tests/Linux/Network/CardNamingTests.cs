using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Network;

public class CardNamingTests
{
    private const string Links = "/etc/systemd/network";

    [Fact]
    public void A_bare_disk_with_one_configured_name_gives_it_to_its_only_card_whatever_the_address()
    {
        using var guest = new SampleGuest { Options = new JobConvert { GuestAgent = "off" } };
        guest.Put("/etc/network/interfaces", "source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\n");
        guest.Put("/etc/network/interfaces.d/lan", "allow-hotplug ens192\niface ens192 inet static\n  address 192.0.2.10/24\n");
        var (target, report) = guest.Convert();
        var mac = target.Nics.Should().ContainSingle().Which.Mac!;
        mac.Should().StartWith("52:54:00:");
        guest.Text($"{Links}/10-hyper2kvm-ens192.link").Should().Be(
            "# Written by hyper2kvm. The guest's only configured card, whatever its address.\n[Match]\nPath=pci-* virtio-pci-*\n\n[Link]\nName=ens192\n");
        report.Notes.Should().Contain(note => note.Concern == "network" && note.Message.Contains("ens192 (/etc/network/interfaces.d/lan)"));

        // The address follows the guest's name, what is in the guest does not.
        guest.Name = "another";
        var again = guest.Convert();
        again.Target.Nics.Should().ContainSingle().Which.Mac.Should().NotBe(mac);
        again.Report.Changes.Should().BeEmpty();
    }

    [Fact]
    public void A_bare_disk_with_several_names_gives_as_many_cards_in_natural_order_each_found_by_its_own_address()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/network/interfaces", "iface ens192 inet dhcp\niface ens34 inet dhcp\niface ens34:0 inet dhcp\niface ens34.5 inet dhcp\niface br0 inet dhcp\n bridge_ports ens256\n");
        var nics = guest.Convert().Target.Nics;
        nics.Should().HaveCount(3);
        nics.Select(nic => nic.Mac).Should().OnlyHaveUniqueItems();
        new[] { "ens34", "ens192", "ens256" }.Select(name => guest.Text($"{Links}/10-hyper2kvm-{name}.link").Split('\n')[2])
            .Should().Equal(nics.Select(nic => $"MACAddress={nic.Mac}"));
    }

    [Fact]
    public void Cards_of_the_source_keep_their_addresses_and_get_the_names_by_slot_order()
    {
        using var guest = new SampleGuest();
        guest.Nics.Clear();
        guest.Nics.AddRange([new NicMetadata { Mac = "00:0C:29:00:00:02", Slot = 256 }, new NicMetadata { Mac = "00:0c:29:00:00:01", Slot = 192 }]);
        guest.Put("/etc/network/interfaces", "iface ens256 inet dhcp\niface ens192 inet dhcp\n");
        var target = guest.Convert().Target;
        target.Nics.Select(nic => nic.Mac).Should().Equal("00:0c:29:00:00:01", "00:0c:29:00:00:02");
        guest.Text($"{Links}/10-hyper2kvm-ens192.link").Should().Contain("MACAddress=00:0c:29:00:00:01\n");
        guest.Text($"{Links}/10-hyper2kvm-ens256.link").Should().Contain("MACAddress=00:0c:29:00:00:02\n");
    }

    [Theory]
    [InlineData("/etc/udev/rules.d/70-persistent-net.rules", "SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", ATTR{address}==\"00:0c:29:aa:bb:cc\", ATTR{type}==\"1\", KERNEL==\"eth*\", NAME=\"eth0\"\n")]
    [InlineData("/etc/systemd/network/10-mine.link", "[Match]\nMACAddress=00:0c:29:aa:bb:cc\n[Link]\nName=lan0\n")]
    [InlineData("/etc/netplan/50-cloud-init.yaml", "network:\n  version: 2\n  ethernets:\n    lan:\n      match: {macaddress: \"00:0c:29:aa:bb:cc\"}\n      set-name: lan0\n      dhcp4: true\n")]
    [InlineData("/etc/NetworkManager/system-connections/lan.nmconnection", "[connection]\nid=lan\ntype=ethernet\n[ethernet]\nmac-address=00:0C:29:AA:BB:CC\n")]
    public void An_address_that_the_guest_itself_has_on_file_is_used_again_for_a_bare_disk(string path, string content)
    {
        using var guest = new SampleGuest();
        guest.Put(path, content);
        var (target, report) = guest.Convert();
        target.Nics.Should().ContainSingle().Which.Mac.Should().Be("00:0c:29:aa:bb:cc");
        guest.Files.List(Links).Should().NotContain(name => name.StartsWith("10-hyper2kvm"));
        report.Notes.Should().Contain(note => note.Message.Contains(path));
    }

    [Theory]
    [InlineData("/etc/netplan/01.yaml", "network:\n  ethernets:\n    ens160:\n      addresses: [192.0.2.1/24, 192.0.2.2/24]\n      nameservers:\n        addresses:\n        - 192.0.2.3\n  bridges:\n    br0:\n      interfaces: [ens160]\n")]
    [InlineData("/etc/netplan/01.yaml", "network: {ethernets: {ens160: {dhcp4: true}}, version: 2}\n")]
    [InlineData("/etc/systemd/network/20-lan.network", "[Match]\nName=ens160\n[Network]\nDHCP=yes\n")]
    [InlineData("/etc/NetworkManager/system-connections/lan", "[connection]\ntype=802-3-ethernet\ninterface-name=ens160\n")]
    [InlineData("/etc/network/interfaces", "auto ens160\niface ens160 inet dhcp\n")]
    public void A_name_is_found_in_every_kind_of_configuration(string path, string content)
    {
        using var guest = new SampleGuest();
        guest.Put(path, content);
        guest.Convert();
        guest.Files.List(Links).Should().Contain("10-hyper2kvm-ens160.link");
    }

    [Fact]
    public void A_match_by_the_old_driver_is_rewritten_and_the_rest_of_the_file_kept()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/netplan/01.yaml", "network:\n  ethernets:\n    all:\n      match:\n        driver: vmxnet3 \n");
        guest.Put("/etc/systemd/network/20.network", "[Match]\nDriver=vmxnet3\n");
        guest.Convert();
        guest.Text("/etc/netplan/01.yaml").Should().Be("network:\n  ethernets:\n    all:\n      match:\n        driver: virtio_net \n");
        guest.Text("/etc/systemd/network/20.network").Should().Be("[Match]\nDriver=virtio_net\n");
    }

    [Fact]
    public void Yaml_beyond_what_is_read_is_said_not_guessed()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/netplan/01.yaml", "network:\n  ethernets: &x\n    ens160: *y\n");
        guest.Convert().Report.Warnings.Should().Contain(warning => warning.Message.StartsWith("/etc/netplan/01.yaml was not read"));
    }

    [Fact]
    public void Without_any_configuration_the_card_still_has_an_address_that_stays_the_same()
    {
        using var guest = new SampleGuest();
        guest.Convert().Target.Nics[0].Mac.Should().Be(guest.Convert().Target.Nics[0].Mac);
        guest.Files.List(Links).Should().BeEmpty();
    }

    [Fact]
    public void A_rule_for_a_card_that_went_long_ago_makes_no_second_card()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/udev/rules.d/70-persistent-net.rules", string.Concat(new[] { ("01", "eth0"), ("02", "eth1") }.Select(card => $"SUBSYSTEM==\"net\", ATTR{{address}}==\"00:0c:29:00:00:{card.Item1}\", NAME=\"{card.Item2}\"\n")));
        guest.Put("/etc/network/interfaces", "iface eth1 inet dhcp\n");
        guest.Convert().Target.Nics.Should().ContainSingle().Which.Mac.Should().Be("00:0c:29:00:00:02");
    }

    [Fact]
    public void A_card_of_the_source_gets_its_name_back_that_a_stale_rule_keeps_for_another_address()
    {
        using var guest = new SampleGuest();
        guest.Nics[0] = new NicMetadata { Mac = "00:0c:29:00:00:09" };
        guest.Put("/etc/udev/rules.d/70-persistent-net.rules", "SUBSYSTEM==\"net\", ATTR{address}==\"00:0c:29:00:00:01\", NAME=\"eth0\"\n");
        guest.Put("/etc/network/interfaces", "iface eth0 inet dhcp\n");
        guest.Convert();
        guest.Text($"{Links}/10-hyper2kvm-eth0.link").Should().Contain("MACAddress=00:0c:29:00:00:09");
    }
}
