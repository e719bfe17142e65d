using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.Network;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Network;

public sealed class StaticAddressTests : IDisposable
{
    private const string Mac = "00:50:56:00:00:01";
    private const string Concern = "network-static";

    private readonly SampleGuest _guest = new();

    public StaticAddressTests()
    {
        _guest.Nics.Clear();
        _guest.Nics.Add(new NicMetadata { Mac = Mac });
    }

    public void Dispose() => _guest.Dispose();

    public static TheoryData<string, string, string> Configurations => new()
    {
        {
            "/etc/network/interfaces",
            "auto lo ens192\niface lo inet loopback\n\n# the card\nallow-hotplug ens192\niface ens192 inet dhcp\n    mtu 9000\niface ens192 inet6 auto\n",
            "auto lo ens192\niface lo inet loopback\n\n# the card\nallow-hotplug ens192\niface ens192 inet static\n    address 192.0.2.7\n    netmask 255.255.255.0\n    gateway 192.0.2.1\n    dns-nameservers 192.0.2.53 192.0.2.54\n    mtu 9000\niface ens192 inet6 auto\n"
        },
        {
            "/etc/sysconfig/network-scripts/ifcfg-ens192",
            "DEVICE=ens192\nBOOTPROTO=dhcp\nONBOOT=yes\nIPV6INIT=yes\n",
            "DEVICE=ens192\nBOOTPROTO=none\nIPADDR=192.0.2.7\nNETMASK=255.255.255.0\nGATEWAY=192.0.2.1\nDNS1=192.0.2.53\nDNS2=192.0.2.54\nONBOOT=yes\nIPV6INIT=yes\n"
        },
        {
            "/etc/sysconfig/network/ifcfg-ens192",
            "BOOTPROTO='dhcp'\nSTARTMODE='auto'\n",
            "BOOTPROTO='static'\nIPADDR='192.0.2.7/24'\nSTARTMODE='auto'\n"
        },
        {
            "/etc/NetworkManager/system-connections/wired.nmconnection",
            "[connection]\nid=wired\ntype=ethernet\ninterface-name=ens192\n\n[ipv4]\nmethod=auto\nroute-metric=50\n\n[ipv6]\nmethod=auto\n",
            "[connection]\nid=wired\ntype=ethernet\ninterface-name=ens192\n\n[ipv4]\nmethod=manual\naddress1=192.0.2.7/24,192.0.2.1\ndns=192.0.2.53;192.0.2.54;\nroute-metric=50\n\n[ipv6]\nmethod=auto\n"
        },
        {
            "/etc/systemd/network/a.network",
            "[Match]\nName=ens192\n\n[Network]\nDHCP=yes\nLLDP=no\n\n[DHCP]\nUseMTU=yes\n",
            "[Match]\nName=ens192\n\n[Network]\nDHCP=ipv6\nAddress=192.0.2.7/24\nGateway=192.0.2.1\nDNS=192.0.2.53\nDNS=192.0.2.54\nLLDP=no\n\n[DHCP]\nUseMTU=yes\n"
        },
        {
            "/etc/netplan/50-cloud-init.yaml",
            "# made by an installer\nnetwork:\n  version: 2\n  ethernets:\n    # the card\n    ens192:\n      dhcp4: true # from the hypervisor\n      dhcp6: true\n    ens224:\n      addresses: [198.51.100.7/24]\n",
            "# made by an installer\nnetwork:\n  version: 2\n  ethernets:\n    # the card\n    ens192:\n      dhcp4: false\n      addresses: [192.0.2.7/24]\n      routes:\n      - to: 0.0.0.0/0\n        via: 192.0.2.1\n      nameservers:\n        addresses: [192.0.2.53, 192.0.2.54]\n      dhcp6: true\n    ens224:\n      addresses: [198.51.100.7/24]\n"
        },
    };

    [Theory]
    [MemberData(nameof(Configurations))]
    public void The_lease_of_a_card_takes_the_place_of_DHCP_in_each_kind_of_configuration(string path, string before, string after)
    {
        _guest.Options = new JobConvert { StaticFromLease = true };
        _guest.Put(path, before);
        PutLease("2099/01/01 00:00:00");

        var report = _guest.Convert().Report;

        _guest.Text(path).Should().Be(after);
        report.Warnings.Should().NotContain(warning => warning.Concern == Concern);
        NetworkSurvey.Read(_guest.Files, Assert.Fail).Single(card => card.Name == "ens192" && card.Path == path).Addresses.Should().Contain("192.0.2.7/24").And.NotContain("dhcp");
        _guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void An_address_that_was_said_replaces_one_that_was_there(string path, string before, string after)
    {
        _guest.Put(path, after);
        Say(24, "198.51.100.9", "198.51.100.1", "198.51.100.53");
        _guest.Convert();
        _guest.Text(path).Should().Contain("198.51.100.9").And.NotContain("192.0.2.7");
        if (!path.StartsWith("/etc/sysconfig/network/", StringComparison.Ordinal))
            _guest.Text(path).Should().Contain("198.51.100.53").And.NotContain("192.0.2.");

        // From DHCP it comes to the same.
        _guest.Put(path, before);
        Say(24, "192.0.2.7", "192.0.2.1", "192.0.2.53", "192.0.2.54");
        _guest.Convert();
        _guest.Text(path).Should().Be(after);
        _guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Fact]
    public void SUSE_has_the_route_beside_it_and_name_servers_in_netconfigs_settings()
    {
        _guest.Options = new JobConvert { StaticFromLease = true };
        _guest.Put("/etc/sysconfig/network/ifcfg-ens192", "BOOTPROTO='dhcp'\n");
        _guest.Put("/etc/sysconfig/network/config", "## Type: string\nNETCONFIG_DNS_STATIC_SERVERS=\"\"\nNETCONFIG_X=\"\"\n");
        PutLease("never");
        _guest.Convert();
        _guest.Text("/etc/sysconfig/network/ifroute-ens192").Should().Be("default 192.0.2.1 - -\n");
        _guest.Text("/etc/sysconfig/network/config").Should().Be("## Type: string\nNETCONFIG_DNS_STATIC_SERVERS=\"192.0.2.53 192.0.2.54\"\nNETCONFIG_X=\"\"\n");
    }

    [Fact]
    public void Name_servers_that_the_configuration_has_beside_DHCP_stay()
    {
        _guest.Options = new JobConvert { StaticFromLease = true };
        _guest.Put("/etc/netplan/a.yaml", "network:\n  ethernets:\n    ens192:\n      nameservers:\n        addresses: [198.51.100.53]\n      dhcp4: true\n");
        PutLease("never");
        _guest.Convert();
        _guest.Text("/etc/netplan/a.yaml").Should().Contain("192.0.2.7/24").And.Contain("[198.51.100.53]").And.NotContain("192.0.2.53");
    }

    [Theory]
    [InlineData("network: {ethernets: {ens192: {dhcp4: true}}}\n")]
    [InlineData("network:\n  ethernets:\n    ens192: {dhcp4: true}\n")]
    [InlineData("network:\n  ethernets:\n    ens192:\n      dhcp4: true\n      routes:\n        - to: 10.0.0.0/8\n          via: 192.0.2.9\n")]
    [InlineData("network:\n  ethernets:\n    ens192:\n      dhcp4: true\n      addresses: ['2001:db8::7/64']\n")]
    public void A_file_that_cannot_be_edited_surely_stays_and_is_told(string text)
    {
        _guest.Options = new JobConvert { StaticFromLease = true };
        _guest.Put("/etc/netplan/a.yaml", text);
        PutLease("never");
        _guest.Convert().Report.Warnings.Should().Contain(warning => warning.Concern == Concern && warning.Message.Contains("not edited"));
        _guest.Text("/etc/netplan/a.yaml").Should().Be(text);
    }

    [Fact]
    public void A_said_address_goes_before_a_lease_and_other_cards_stay()
    {
        _guest.Put("/etc/network/interfaces", "iface ens192 inet dhcp\niface ens224 inet dhcp\n");
        _guest.Nics.Add(new NicMetadata { Mac = "00:50:56:00:00:02" });
        PutLease("never");
        Say(25, "192.0.2.99", null);
        _guest.Options = _guest.Options with { StaticFromLease = true };
        var report = _guest.Convert().Report;
        _guest.Text("/etc/network/interfaces").Should().Be("iface ens192 inet static\n    address 192.0.2.99\n    netmask 255.255.255.128\niface ens224 inet dhcp\n");
        report.Warnings.Should().ContainSingle(warning => warning.Concern == Concern).Which.Message.Should().StartWith("ens224 stays with DHCP: no lease");
    }

    [Fact]
    public void A_bare_disks_card_gets_the_MAC_with_its_address()
    {
        _guest.Nics.Clear();
        _guest.Put("/etc/network/interfaces", "iface ens192 inet dhcp\n");
        Say(24, "192.0.2.7", null);
        _guest.Macs.Add(Mac);
        _guest.Convert().Target.Nics.Should().ContainSingle().Which.Mac.Should().Be(Mac);
        _guest.Text("/etc/network/interfaces").Should().Contain("address 192.0.2.7");
    }

    [Fact]
    public void An_address_without_its_length_and_one_of_IPv6_refuse_the_guest_and_a_card_that_is_not_there_is_told()
    {
        _guest.Put("/etc/network/interfaces", "iface ens192 inet dhcp\n");
        foreach (var (length, address, router) in new (int?, string, string?)[] { (null, "192.0.2.7", null), (64, "2001:db8::7", null), (24, "192.0.2.7", "198.51.100.1"), (24, "224.0.0.1", null) })
        {
            Say(length, address, router);
            _guest.Invoking(guest => guest.Convert()).Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.ConvertCustomise);
        }

        _guest.Options = new JobConvert { Addresses = [new() { Mac = "00:50:56:00:00:99", Address = "192.0.2.7", PrefixLength = 24 }] };
        _guest.Convert().Report.Warnings.Should().Contain(warning => warning.Message.Contains("no such card") && warning.Hint!.Contains(Mac));
    }

    private void Say(int? length, string address, string? router, params string[] servers)
        => _guest.Options = new JobConvert { Addresses = [new() { Mac = Mac, Address = address, PrefixLength = length, Gateway = router, NameServers = servers }] };

    private void PutLease(string end)
        => _guest.Put("/var/lib/dhcp/dhclient.ens192.leases", $"lease {{\n  interface \"ens192\";\n  fixed-address 192.0.2.7;\n  option subnet-mask 255.255.255.0;\n  option routers 192.0.2.1;\n  option domain-name-servers 192.0.2.53,192.0.2.54;\n  expire {(end == "never" ? end : $"4 {end}")};\n}}\n");
}
