using Hyper2Kvm.Helpers.Convert.Linux.Network;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Network;

public sealed class AddressTests
{
    [Fact]
    public void Each_kind_of_configuration_tells_the_addresses_of_its_cards()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/network/interfaces", "iface ens1 inet static\n address 192.0.2.1\n netmask 255.255.255.0\niface ens1 inet6 static\n address 2001:db8::1/64\niface ens2 inet dhcp\n");
        guest.Put("/etc/netplan/50.yaml", "network:\n  ethernets:\n    ens3:\n      dhcp4: true\n      addresses: [192.0.2.3/24]\n    ens4:\n      addresses:\n        - 192.0.2.4/24\n        - 192.0.2.5/24\n");
        guest.Put("/etc/systemd/network/a.network", "[Match]\nName=ens5\n[Network]\nDHCP=yes\nAddress=192.0.2.6/25\n[Address]\nAddress=192.0.2.7/25\n");
        guest.Put("/etc/NetworkManager/system-connections/a.nmconnection", "[connection]\ntype=ethernet\ninterface-name=ens6\n[ipv4]\naddress1=192.0.2.8/24,192.0.2.254\nmethod=manual\n[ipv6]\naddress1=2001:db8::8/64\nmethod=manual\n");
        guest.Put("/etc/sysconfig/network-scripts/ifcfg-ens7", "DEVICE=\"ens7\"\nBOOTPROTO=none\nIPADDR=192.0.2.9\nNETMASK=255.255.255.128\nHWADDR=00:0C:29:AA:BB:CC\n");
        guest.Put("/etc/sysconfig/network-scripts/ifcfg-lo", "DEVICE=lo\nIPADDR=127.0.0.1\n");
        guest.Put("/etc/sysconfig/network-scripts/ifcfg-bond0", "DEVICE=bond0\nTYPE=Bond\nIPADDR=192.0.2.10\n");
        guest.Put("/etc/sysconfig/network/ifcfg-eth8", "BOOTPROTO='dhcp'\n");
        guest.Put("/etc/sysconfig/network-scripts/ifcfg-eth8.rpmsave", "DEVICE=eth99\n");
        guest.Put("/etc/wicked/ifconfig/all.xml", "<interface><name>eth9</name><ipv4:static><address><local>192.0.2.11/24</local></address></ipv4:static></interface>\n<interface><name>br0</name><bridge/></interface>\n<interface><name>eth10</name><ipv4:dhcp><enabled>true</enabled></ipv4:dhcp></interface>\n");

        var cards = NetworkSurvey.Read(guest.Files, message => Assert.Fail(message)).ToDictionary(card => card.Name!, card => string.Join(' ', card.Addresses));

        cards.Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["ens1"] = "192.0.2.1/24 2001:db8::1/64",
            ["ens2"] = "dhcp",
            ["ens3"] = "192.0.2.3/24 dhcp",
            ["ens4"] = "192.0.2.4/24 192.0.2.5/24",
            ["ens5"] = "192.0.2.6/25 192.0.2.7/25 dhcp",
            ["ens6"] = "192.0.2.8/24 2001:db8::8/64",
            ["ens7"] = "192.0.2.9/25",
            ["eth8"] = "dhcp",
            ["eth9"] = "192.0.2.11/24",
            ["eth10"] = "dhcp",
        });
    }

    [Fact]
    public void A_card_that_is_recognised_by_address_and_driver_gets_both_new()
    {
        using var guest = new SampleGuest();
        guest.Macs.Add("52:54:00:aa:bb:cc");
        guest.Put("/etc/netplan/a.yaml", "network:\n  ethernets:\n    ens192:\n      match:\n        macaddress: 00:50:56:00:00:01\n        driver: vmxnet3\n      set-name: ens192\n      dhcp4: true\n");
        guest.Convert();
        guest.Text("/etc/netplan/a.yaml").Should().Contain("macaddress: 52:54:00:aa:bb:cc\n        driver: virtio_net\n");
    }

    [Theory]
    [InlineData("255.255.255.0", 24)]
    [InlineData("24", 24)]
    [InlineData("0.0.0.0", 0)]
    [InlineData("none", null)]
    public void A_netmask_is_a_number_of_bits(string mask, int? expected) => Ifcfg.PrefixOf(mask).Should().Be(expected);
}
