using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Output.Disks;
using Hyper2Kvm.Helpers.Output.Libvirt;
using Hyper2Kvm.Helpers.Output.Tests.Support;

namespace Hyper2Kvm.Helpers.Output.Tests.Describing;

public sealed class DomainXmlTests
{
    [Theory]
    [InlineData("linux")]
    [InlineData("windows")]
    [InlineData("old")]
    [InlineData("transitional")]
    public void A_guest_has_the_domain_XML_that_was_approved_and_that_libvirts_schema_accepts(string name)
    {
        var guest = Guests.All[name];
        var xml = DomainXml.Build(guest, Guests.DisksOf(guest, name == "windows" ? "qcow2" : "raw"), new DomainHost());

        Approved.Check($"{name}.xml", xml);
        Validate(xml);
    }

    [Fact]
    public void Volumes_of_a_pool_on_a_host_without_KVM()
    {
        var disks = Guests.DisksOf(Guests.Linux, "qcow2").Select(disk => disk with { Pool = "default" }).ToList();
        var xml = DomainXml.Build(Guests.Linux, disks, new DomainHost { IsKvm = false });

        Approved.Check("linux-volumes.xml", xml);
        Validate(xml);
    }

    [Fact]
    public void Disks_on_SATA_and_SCSI_share_their_names_without_a_clash()
    {
        var xml = DomainXml.Build(Guests.Transitional, Guests.DisksOf(Guests.Transitional), new DomainHost());

        xml.Should().Contain("dev=\"vda\"").And.Contain("dev=\"sda\" bus=\"scsi\"").And.Contain("dev=\"sdb\" bus=\"sata\"");
    }

    [Fact]
    public void A_topology_that_does_not_give_the_number_of_processors_is_left_out()
    {
        var guest = Guests.Linux with { Cpu = Guests.Linux.Cpu with { Count = 3, Sockets = 2, Cores = 2 } };

        DomainXml.Build(guest, Guests.DisksOf(guest), new DomainHost()).Should().NotContain("topology");
    }

    [Theory]
    [InlineData(0, "a")]
    [InlineData(25, "z")]
    [InlineData(26, "aa")]
    [InlineData(701, "zz")]
    [InlineData(702, "aaa")]
    public void Drive_letters_go_on_after_z_as_the_kernels_do(int index, string letters) => GuestName.DriveLetters(index).Should().Be(letters);

    private static void Validate(string xml)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, xml);
            var result = CommandRunner.Run(new Command("virt-xml-validate", file, "domain"));
            result.ExitCode.Should().Be(0, result.ErrorText + result.OutputText);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
