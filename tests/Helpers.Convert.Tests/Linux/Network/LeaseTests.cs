using System.Net;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Linux;
using Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;
using Hyper2Kvm.Helpers.Convert.Linux.Network.Leases;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Network;

public sealed class LeaseTests : IDisposable
{
    private const string Uuid = "1de272d3-1d0c-422d-b60d-c017de41c887";

    private readonly SampleGuest _guest = new();

    public void Dispose() => _guest.Dispose();

    public static TheoryData<string, byte[]> Files => new()
    {
        { "/var/lib/dhclient/dhclient--eth0.lease", Text("# made by dhclient\nlease6 {\n  interface \"eth0\";\n}\nlease {\n  interface \"eth0\";\n  fixed-address 192.0.2.7;\n  filename \"}\";\n  option subnet-mask 255.255.255.0;\n  option routers 192.0.2.1, 192.0.2.2;\n  option domain-name-servers 192.0.2.53, 192.0.2.54;\n  expire epoch 4070908800; # Thu Jan 1 2099\n}\n") },
        { $"/var/lib/NetworkManager/dhclient-{Uuid}-eth0.lease", Text("lease {\n  interface \"eth0\";\n  fixed-address 192.0.2.7;\n  option subnet-mask 255.255.255.0;\n  option routers 192.0.2.1;\n  option domain-name-servers 192.0.2.53,192.0.2.54;\n  expire 4 2099/01/01 00:00:00;\n}\n") },
        { $"/var/lib/NetworkManager/internal-{Uuid}-eth0.lease", Text("# This is private data. Do not parse.\nADDRESS=192.0.2.7\nNETMASK=255.255.255.0\nROUTER=192.0.2.1\nDNS=192.0.2.53 192.0.2.54\nLIFETIME=1200\n") },
        { "/var/lib/wicked/lease-eth0-dhcp-ipv4.xml", Text("<lease>\n  <family>ipv4</family>\n  <type>dhcp</type>\n  <acquired>1706702400</acquired>\n  <addresses><address><local>192.0.2.7/24</local></address></addresses>\n  <routes><route><destination>10.0.0.0/8</destination><nexthop><gateway>192.0.2.9</gateway></nexthop></route><route><nexthop><gateway>192.0.2.1</gateway></nexthop></route></routes>\n  <dns><server>192.0.2.53</server><server>192.0.2.54</server></dns>\n  <ipv4:dhcp><lease-time>86400</lease-time></ipv4:dhcp>\n</lease>\n") },
        { "/var/lib/dhcpcd/eth0.lease", Answer(192, 0, 2, 7) },
        { "/var/lib/dhcpcd5/dhcpcd-eth0.lease", Answer(192, 0, 2, 7) },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_clients_file_tells_the_whole_address(string path, byte[] content)
    {
        _guest.Put(path, content);
        var lease = Read().Last("eth0", out var isSure)!;
        isSure.Should().BeTrue();
        StaticAddress.Of(lease.Address, lease.PrefixLength, lease.Router, lease.NameServers, isFromLease: true, out _)!.ToString()
            .Should().Be("192.0.2.7/24, router 192.0.2.1, name servers 192.0.2.53 192.0.2.54");
    }

    [Fact]
    public void The_lease_that_ends_last_counts_wherever_it_stands()
    {
        _guest.Put("/var/lib/dhcp/dhclient.leases", Lease("192.0.2.1", "4 2030/01/02 00:00:00") + Lease("192.0.2.2", "3 2030/01/01 00:00:00"));
        _guest.Put("/var/lib/dhclient/dhclient.leases", Lease("192.0.2.3", "2 2029/01/01 00:00:00"));
        var last = Read().Last("eth0", out _)!;
        (last.Address, last.End).Should().Be(("192.0.2.1", new DateTimeOffset(2030, 1, 2, 0, 0, 0, TimeSpan.Zero)));
        Read().Last("eth1", out _).Should().BeNull();
    }

    [Theory]
    [InlineData("192.0.2.7/24", "never", "no address that a card")]
    [InlineData("192.0.2.7\\nX", "never", "no address that a card")]
    [InlineData("0x7f000001", "never", "no address that a card")]
    [InlineData("127.0.0.1", "never", "no address that a card")]
    [InlineData("3232235777", "never", "no address that a card")]
    [InlineData("198.51.100.7", "never", "its router is outside")]
    public void What_is_no_address_comes_into_no_configuration(string address, string end, string problem)
    {
        _guest.Put("/var/lib/dhcp/dhclient.leases", Lease(address, end));
        ConvertWithDhcp().Warnings.Should().Contain(warning => warning.Message.Contains(problem));
        _guest.Text("/etc/network/interfaces").Should().Be("iface eth0 inet dhcp\n");
    }

    [Fact]
    public void A_lease_that_has_ended_is_used_with_a_warning()
    {
        _guest.Put("/var/lib/dhcp/dhclient.leases", Lease("192.0.2.7", "4 2020/01/02 00:00:00"));
        ConvertWithDhcp().Warnings.Should().Contain(warning => warning.Message.Contains("ended on 2020-01-02") && warning.Hint != null);
        _guest.Text("/etc/network/interfaces").Should().Contain("address 192.0.2.7");
    }

    [Fact]
    public void Leases_of_which_none_tells_when_it_ended_are_not_guessed_between()
    {
        _guest.Put($"/var/lib/NetworkManager/internal-{Uuid}-eth0.lease", "ADDRESS=192.0.2.7\nNETMASK=255.255.255.0\n");
        _guest.Put($"/var/lib/NetworkManager/internal-{Uuid.Replace('1', '2')}-eth0.lease", "ADDRESS=192.0.2.8\nNETMASK=255.255.255.0\n");
        ConvertWithDhcp().Warnings.Should().Contain(warning => warning.Message.Contains("several leases"));
    }

    [Theory]
    [InlineData("ADDRESS=192.0.2.7\n", "length of its network")]
    [InlineData("", "no lease of it is on the disk")]
    public void Where_the_disk_does_not_tell_the_address_the_card_stays_and_the_remedy_is_told(string content, string message)
    {
        _guest.Put($"/var/lib/NetworkManager/internal-{Uuid}-eth0.lease", content);
        ConvertWithDhcp().Warnings.Should().Contain(warning => warning.Message.Contains(message) && warning.Hint!.Contains("--mac MAC:ip:"));
    }

    [Fact]
    public void Damaged_and_huge_files_are_passed_over()
    {
        _guest.Put("/var/lib/wicked/lease-eth0-dhcp-ipv4.xml", "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><lease>&a;</lease>");
        _guest.Put("/var/lib/dhcpcd/eth0.lease", Answer(192, 0, 2, 7)[..245]);
        _guest.Put("/var/lib/dhcp/dhclient.leases", new byte[5 << 20]);
        var report = ConvertWithDhcp();
        report.Warnings.Should().Contain(warning => warning.Path == "/var/lib/dhcp/dhclient.leases");
        report.Warnings.Should().Contain(warning => warning.Message.Contains("length of its network"));
    }

    [Theory]
    [InlineData("255.255.255.0", 24)]
    [InlineData("255.255.254.0", 23)]
    [InlineData("255.0.255.0", null)]
    [InlineData("24", null)]
    public void A_netmask_has_its_ones_in_front(string mask, int? prefix)
    {
        Ipv4.PrefixOf(mask).Should().Be(prefix);
        if (prefix is { } bits)
            Ipv4.Netmask(bits).Should().Be(mask);
    }

    private DhcpLeases Read() => DhcpLeases.Read(_guest.Files, new StepPlan("test"));

    private ConversionReport ConvertWithDhcp()
    {
        _guest.Put("/etc/network/interfaces", "iface eth0 inet dhcp\n");
        _guest.Options = new JobConvert { StaticFromLease = true };
        return _guest.Convert().Report;
    }

    private static string Lease(string address, string end)
        => $"lease {{\n  interface \"eth0\";\n  fixed-address {address};\n  option subnet-mask 255.255.255.0;\n  option routers 192.0.2.1;\n  expire {end};\n}}\n";

    /// <summary>A server's answer (RFC 2131): options subnet mask, routers, name servers.</summary>
    private static byte[] Answer(params byte[] address)
    {
        var message = new byte[240];
        address.CopyTo(message, 16);
        new byte[] { 0x63, 0x82, 0x53, 0x63 }.CopyTo(message, 236);
        return [.. message, 0, 53, 1, 5, 1, 4, 255, 255, 255, 0, 3, 4, 192, 0, 2, 1, 6, 8, .. IPAddress.Parse("192.0.2.53").GetAddressBytes(), .. IPAddress.Parse("192.0.2.54").GetAddressBytes(), 255];
    }

    private static byte[] Text(string text) => System.Text.Encoding.Latin1.GetBytes(text);
}
