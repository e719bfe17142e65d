using Hyper2Kvm.Guest.Inspection.Tools;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Tools;

public sealed class HypervisorToolsTests
{
    public static TheoryData<string> Units => [.. KnownTools.All.SelectMany(tool => tool.Units)];

    public static TheoryData<string> Scripts => [.. KnownTools.All.SelectMany(tool => tool.Scripts)];

    [Theory]
    [MemberData(nameof(Units))]
    public void Every_unit_of_the_table_is_masked_where_it_is_and_not_made_where_it_is_not(string unit)
    {
        using var guest = new SampleGuest();
        guest.Put($"/usr/lib/systemd/system/{unit}", "x");
        guest.Convert();
        guest.Files.ReadLink($"/etc/systemd/system/{unit}").Should().Be("/dev/null");
        guest.Files.List("/etc/systemd/system").Should().Equal(unit);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Every_script_of_the_table_is_not_started_and_still_stopped(string script)
    {
        using var guest = new SampleGuest();
        guest.Put($"/etc/init.d/{script}", "x");
        guest.Files.Link($"/etc/rc2.d/S01{script}", $"../init.d/{script}");
        guest.Files.Link($"/etc/rc0.d/K01{script}", $"../init.d/{script}");
        guest.Convert();
        guest.Files.List("/etc/rc2.d").Should().BeEmpty();
        guest.Files.List("/etc/rc0.d").Should().Equal($"K01{script}");
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Fact]
    public void A_guest_without_any_is_left_as_it_is()
    {
        using var guest = new SampleGuest();
        var report = guest.Convert().Report;
        report.Changes.Should().NotContain(change => change.Concern == "hypervisor-tools");
        report.Notes.Should().NotContain(note => note.Concern == "hypervisor-tools");
    }

    [Fact]
    public void Modules_that_would_do_harm_are_blacklisted_if_the_guest_has_them()
    {
        using var guest = new SampleGuest();
        guest.Put("/usr/lib/systemd/system/vmtoolsd.service", "x");
        guest.Put("/usr/lib/systemd/system/vboxservice.service", "x");
        guest.Put($"/usr/lib/modules/{SampleGuest.Version}/modules.dep", guest.Text($"/usr/lib/modules/{SampleGuest.Version}/modules.dep") + "kernel/net/vmw_vsock/vmw_vsock_vmci_transport.ko:\nmisc/vboxsf.ko:\n");
        guest.Convert();
        guest.Text("/etc/modprobe.d/hyper2kvm-tools.conf").Should().EndWith("\nblacklist vboxsf\nblacklist vmw_vsock_vmci_transport\n");
    }
}
