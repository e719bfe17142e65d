using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Tools;

public class OpenVmToolsTests
{
    [Fact]
    public void Its_services_are_masked_and_its_start_links_removed()
    {
        using var guest = new SampleGuest();
        guest.Put("/usr/lib/systemd/system/open-vm-tools.service", "x");
        guest.Put("/usr/lib/systemd/system/vgauth.service", "x");
        guest.Files.Link("/etc/systemd/system/vmtoolsd.service", "/lib/systemd/system/open-vm-tools.service");
        guest.Files.Link("/etc/systemd/system/multi-user.target.wants/open-vm-tools.service", "/lib/systemd/system/open-vm-tools.service");
        guest.Files.Link("/etc/systemd/system/multi-user.target.wants/ssh.service", "/lib/systemd/system/ssh.service");
        guest.Files.Link("/etc/rc2.d/S01open-vm-tools", "../init.d/open-vm-tools");
        guest.Files.Link("/etc/rc2.d/S01ssh", "../init.d/ssh");

        var report = guest.Convert().Report;

        foreach (var unit in new[] { "open-vm-tools.service", "vgauth.service", "vmtoolsd.service" })
            guest.Files.ReadLink($"/etc/systemd/system/{unit}").Should().Be("/dev/null");
        guest.Files.List("/etc/systemd/system/multi-user.target.wants").Should().Equal("ssh.service");
        guest.Files.List("/etc/rc2.d").Should().Equal("S01ssh");
        report.Notes.Should().Contain(note => note.Hint == "Remove it once the guest runs: apt purge open-vm-tools");
    }

    [Fact]
    public void A_guest_without_it_gets_no_masks()
    {
        using var guest = new SampleGuest();
        guest.Convert().Report.Changes.Should().NotContain(change => change.Concern == "vmware-tools");
    }
}
