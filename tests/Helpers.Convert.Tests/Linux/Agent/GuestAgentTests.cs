using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Agent;

public class GuestAgentTests
{
    private const string Unit = "/usr/lib/systemd/system/qemu-guest-agent.service";
    private const string Port = "dev-virtio\\x2dports-org.qemu.guest_agent.0.device";

    [Fact]
    public void Debians_unit_is_started_by_a_udev_rule_and_needs_nothing()
    {
        using var guest = new SampleGuest().StartedBy("systemd");
        guest.Put(Unit, "[Service]\nExecStart=/usr/sbin/qemu-ga\n\n[Install]\n");
        guest.Put("/usr/lib/udev/rules.d/60-qemu-guest-agent.rules", "SUBSYSTEM==\"virtio-ports\", ATTR{name}==\"org.qemu.guest_agent.0\", TAG+=\"systemd\" ENV{SYSTEMD_WANTS}=\"qemu-guest-agent.service\"\n");
        var report = guest.Convert().Report;
        report.Changes.Should().NotContain(change => change.Concern == "guest-agent");
        report.Notes.Should().Contain(note => note.Concern == "guest-agent" && note.Message.EndsWith("installed and enabled"));
    }

    [Theory]
    [InlineData("[Install]\nWantedBy=multi-user.target\n", "multi-user.target")]
    [InlineData("[Install]\nWantedBy=" + Port + "\n", Port)]
    [InlineData("", Port)]
    public void A_unit_that_nothing_starts_is_wanted_by_what_it_says_or_by_the_agents_port(string install, string wanting)
    {
        using var guest = new SampleGuest().StartedBy("systemd");
        guest.Put(Unit, "[Service]\nExecStart=/usr/sbin/qemu-ga\n" + install);
        guest.Put("/usr/lib/udev/rules.d/99-qemu-guest-agent.rules", "# ENV{SYSTEMD_WANTS}=\"qemu-guest-agent.service\"\n");
        guest.Convert();
        guest.Files.ReadLink($"/etc/systemd/system/{wanting}.wants/qemu-guest-agent.service").Should().Be(Unit);
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Fact]
    public void A_masked_agent_stays_masked()
    {
        using var guest = new SampleGuest().StartedBy("systemd");
        guest.Put(Unit, "x");
        guest.Files.Link("/etc/systemd/system/qemu-guest-agent.service", "/dev/null");
        guest.Convert().Report.Refused.Should().Contain(note => note.Message.Contains("masked"));
    }

    [Fact]
    public void Alpines_service_gets_its_runlevel()
    {
        using var guest = new SampleGuest().StartedBy("openrc");
        guest.Put("/etc/init.d/qemu-guest-agent", "#!/sbin/openrc-run\n");
        guest.Convert();
        guest.Files.ReadLink("/etc/runlevels/default/qemu-guest-agent").Should().Be("/etc/init.d/qemu-guest-agent");
    }

    [Theory]
    [InlineData("# chkconfig: 345 70 30\n", new[] { "/etc/rc3.d/S70qemu-ga", "/etc/rc4.d/S70qemu-ga", "/etc/rc5.d/S70qemu-ga" })]
    [InlineData("# Default-Start:     2 3\n", new[] { "/etc/rc2.d/S99qemu-ga", "/etc/rc3.d/S99qemu-ga" })]
    public void An_init_script_is_linked_in_the_levels_that_it_names(string header, string[] links)
    {
        using var guest = new SampleGuest().StartedBy("sysv");
        guest.Put("/etc/init.d/qemu-ga", "#!/bin/sh\n" + header);
        guest.Convert().Report.Changes.Where(change => change.Concern == "guest-agent").Select(change => change.Path).Should().Equal(links);
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Theory]
    [InlineData("install", true)]
    [InlineData("enable", false)]
    [InlineData("off", false)]
    public void A_missing_agent_is_installed_at_the_first_boot_unless_packages_are_to_stay_as_they_are(string mode, bool isQueued)
    {
        using var guest = new SampleGuest { Options = new JobConvert { GuestAgent = mode } }.StartedBy("systemd");
        guest.Put("/usr/bin/apt-get", "x");
        guest.Convert();
        guest.Files.List("/var/lib/hyper2kvm/firstboot/scripts").Should().HaveCount(isQueued ? 1 : 0);
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Fact]
    public void A_package_file_goes_into_the_guest_where_its_package_manager_takes_it()
    {
        using var files = new TemporaryDirectory();
        var package = Path.Combine(files.Path, "qemu-guest-agent_7.2.deb");
        File.WriteAllText(package, "package");
        using var guest = new SampleGuest { Options = new JobConvert { AgentPackage = package } }.StartedBy("systemd");
        guest.Invoking(sample => sample.Convert()).Should().Throw<StepException>().WithMessage("*qemu-guest-agent_7.2.deb*");

        guest.Put("/usr/bin/dpkg", "x");
        guest.Convert();

        var name = guest.Files.List("/var/lib/hyper2kvm/firstboot/files").Should().ContainSingle().Which;
        guest.Text($"/var/lib/hyper2kvm/firstboot/files/{name}").Should().Be("package");
        guest.Text($"/var/lib/hyper2kvm/firstboot/scripts/{guest.Files.List("/var/lib/hyper2kvm/firstboot/scripts")[0]}").Should().Contain($"files/{name}'");
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Theory]
    [InlineData("apt-get", "apt-get -q update|apt-get -q -y --no-install-recommends --download-only install qemu-guest-agent|apt-get -q -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 install qemu-guest-agent")]
    [InlineData("dnf", "dnf -q -y makecache|dnf -q -y install qemu-guest-agent")]
    [InlineData("zypper", "zypper -n refresh|zypper -n install --no-recommends qemu-guest-agent")]
    [InlineData("apk", "apk update|apk add qemu-guest-agent")]
    [InlineData("pacman", "pacman -S --noconfirm --needed qemu-guest-agent")]
    public void The_guests_own_package_manager_installs_it(string manager, string calls)
    {
        using var programs = new FakePrograms(manager, "exit 0");
        programs.Run(Script()).Should().Be(0);
        programs.Calls.Should().StartWith(calls.Split('|'));
    }

    [Fact]
    public void Where_no_repository_answers_nothing_is_installed_and_the_exit_code_says_so()
    {
        using var programs = new FakePrograms("dnf", "exit 1");
        programs.Run(Script()).Should().NotBe(0);
        programs.Calls.Should().Equal("dnf -q -y makecache");
    }

    private static string Script() => EmbeddedText.Read("install-agent.sh").Replace("@PACKAGE@", string.Empty, StringComparison.Ordinal);
}
