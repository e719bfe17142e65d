using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest.Inspection.Packages;
using Hyper2Kvm.Guest.Inspection.Tools;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.Tools;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Tools;

public sealed class ToolsRemovalTests
{
    private const string Queue = "/var/lib/hyper2kvm/firstboot/scripts";
    private const string Log = "/var/log/hyper2kvm-firstboot.log";

    [Theory]
    [InlineData("dpkg", "dpkg --purge kmod-vmware-tools open-vm-tools")]
    [InlineData("rpm-bdb", "rpm -e kmod-vmware-tools open-vm-tools")]
    [InlineData(null, null)]
    public void The_packages_of_the_tools_are_removed_and_no_other(string? format, string? command)
    {
        var removal = Removal(format, "kmod-vmware-tools", "libopen-vm-tools", "open-vm-tools");
        removal.Packages.Should().Equal("kmod-vmware-tools", "open-vm-tools");
        removal.Shown.Should().Equal(command is null ? [] : [command]);
    }

    [Theory]
    [InlineData("open-vm-tools;reboot")]
    [InlineData("open-vm-tools$(reboot)")]
    [InlineData("open-vm-tools'")]
    [InlineData("open-vm-tools --force-all")]
    [InlineData("open-vm-tools\n")]
    public void A_name_that_is_more_than_a_word_to_a_shell_is_in_no_command(string name) => Removal("dpkg", name).IsPossible.Should().BeFalse();

    [Fact]
    public void Unless_it_is_asked_for_nothing_is_removed_and_the_report_says_how_to()
    {
        using var guest = new SampleGuest { Options = new JobConvert { GuestAgent = "off" } }.StartedBy("systemd");
        PutTools(guest);
        guest.Convert().Report.Notes.Should().Contain(note => note.Hint != null && note.Hint.Contains("dpkg --purge open-vm-tools; or convert with --remove-tools"));
        guest.Files.List(Queue).Should().BeEmpty();
    }

    [Theory]
    [InlineData("systemd")]
    [InlineData("sysv")]
    public void The_removal_is_queued_once(string init)
    {
        using var guest = Guest(init);
        PutTools(guest);
        guest.Put("/etc/init.d/vmware-tools", "#!/bin/sh\n");
        guest.Put("/usr/bin/vmware-uninstall-tools.pl", "#!/usr/bin/perl\n");
        guest.Convert().Report.Notes.Should().Contain(note => note.Message.Contains("are removed at the first boot: open-vm-tools"));
        guest.Text($"{Queue}/{guest.Files.List(Queue).Should().ContainSingle().Which}").Should()
            .Contain("\ncommand='dpkg --purge'\npackages='open-vm-tools'\nuninstallers='/usr/bin/vmware-uninstall-tools.pl'\nunits='open-vm-tools.service vmware-tools.service'\n");
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Fact]
    public void A_guest_without_tools_is_told_of()
    {
        using var guest = Guest("systemd");
        guest.Convert().Report.Notes.Should().Contain(note => note.Message.Contains("no tools of another hypervisor"));
        guest.Files.List(Queue).Should().BeEmpty();
    }

    [Fact]
    public void A_damaged_package_database_is_told_of()
    {
        using var guest = Guest("systemd");
        guest.Put("/usr/lib/systemd/system/vmtoolsd.service", "x");
        guest.Put("/var/lib/rpm/rpmdb.sqlite", "no database");
        guest.Convert().Report.Warnings.Should().Contain(warning => warning.Message.Contains("rpm-sqlite"));
    }

    [Theory]
    [InlineData("rpm-sqlite", "rpm", "rpm -e", "dash")]
    [InlineData("pacman", "pacman", "pacman -R --noconfirm", "bash")]
    [InlineData("apk", "apk", "apk --no-network del", "busybox sh")]
    public void Where_one_package_cannot_go_the_others_do(string format, string manager, string command, string shell)
    {
        // It fails where it is asked for b, and for a as long as c, which needs it, has not gone.
        using var programs = new FakePrograms(manager, """
            case " $* " in
            *" open-vm-tools-b "*) exit 1 ;;
            *" open-vm-tools-a "*) [ -e "$0.c" ] || exit 1 ;;
            *" open-vm-tools-c "*) : >"$0.c" ;;
            esac
            exit 0
            """);
        var script = ToolsRemoval.Script([Removal(format, "open-vm-tools-a", "open-vm-tools-b", "open-vm-tools-c")], []);

        programs.Run(GuestText.Text(script.Content.Span), shell).Should().Be(1, "one is still there");

        programs.Calls.Should().Equal(
            $"{command} open-vm-tools-a open-vm-tools-b open-vm-tools-c",
            $"{command} open-vm-tools-a", $"{command} open-vm-tools-b", $"{command} open-vm-tools-c",
            $"{command} open-vm-tools-a", $"{command} open-vm-tools-b",
            $"{command} open-vm-tools-b");
    }

    [Fact]
    public void Uninstallers_run_before_the_packages_go()
    {
        using var programs = new FakePrograms("rpm", "exit 0");
        File.CreateSymbolicLink(programs.Place("install"), programs.Place("rpm"));
        var removal = ToolsRemoval.Of(KnownTools.All[0], new PackageInventory("rpm-ndb", null, [new("open-vm-tools", "1")]), [programs.Place("install"), "/none/there"]);
        programs.Run(GuestText.Text(ToolsRemoval.Script([removal], []).Content.Span)).Should().Be(0);
        programs.Calls.Should().Equal("rpm -r", "rpm -e open-vm-tools");
    }

    [Fact]
    public void Debians_dpkg_removes_them_with_their_masks_and_keeps_what_something_else_needs()
    {
        using var guest = Guest("systemd");
        Directory.CreateDirectory(guest.Root + "/var/lib/dpkg/info");
        Directory.CreateDirectory(guest.Root + "/var/lib/dpkg/updates");
        guest.Put("/var/lib/dpkg/status", string.Empty);
        Install(guest, "open-vm-tools", "open-vm-tools.service");
        Install(guest, "open-vm-tools-desktop", "run-vmblock\\x2dfuse.mount", "open-vm-tools");
        Install(guest, "virtualbox-guest-utils", "vboxservice.service");
        Install(guest, "appliance", "appliance.service", "virtualbox-guest-utils");
        guest.Convert();
        guest.Files.ReadLink("/etc/systemd/system/open-vm-tools.service").Should().Be("/dev/null");

        GuestShell.FirstBoot(guest, "dash");

        GuestShell.Run(guest, "dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n").OutputText.Should().Be("appliance installed\nvirtualbox-guest-utils installed\n", guest.Text(Log));
        guest.Files.List("/etc/systemd/system").Should().Equal("multi-user.target.wants", "vboxservice.service");
        guest.Text(Log).Should().MatchRegex("(?s)still installed: virtualbox-guest-utils\n.*ended with exit code 1");
        guest.Convert().Report.Changes.Where(change => change.Path.StartsWith(Queue, StringComparison.Ordinal)).Should().ContainSingle("what is left is tried again").Which.Reason.Should().EndWith(": virtualbox-guest-utils");
    }

    private static SampleGuest Guest(string init) => new SampleGuest { Options = new JobConvert { GuestAgent = "off", RemoveTools = true } }.StartedBy(init);

    private static ToolsRemoval Removal(string? format, params string[] packages)
        => ToolsRemoval.Of(KnownTools.All[0], new PackageInventory(format, null, [.. packages.Select(name => new InstalledPackage(name, "1"))]), []);

    private static void PutTools(SampleGuest guest)
    {
        guest.Put("/usr/lib/systemd/system/open-vm-tools.service", "x");
        guest.Put("/var/lib/dpkg/status", "Package: open-vm-tools\nStatus: install ok installed\nVersion: 1\n\nPackage: openssh-server\nStatus: install ok installed\nVersion: 1\n\n");
    }

    /// <summary>Builds a package with one unit, and has dpkg install it in the guest.</summary>
    private static void Install(SampleGuest guest, string name, string unit, string? needs = null)
    {
        guest.Put($"/tmp/{name}/usr/lib/systemd/system/{unit}", "[Unit]\n");
        guest.Put($"/tmp/{name}/DEBIAN/control", $"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\n{(needs is null ? string.Empty : $"Depends: {needs}\n")}Description: a test\n");
        GuestShell.Run(guest, "dpkg-deb", "--build", $"/tmp/{name}", "/tmp/package.deb").Succeeded.Should().BeTrue();
        var installed = GuestShell.Run(guest, "dpkg", "--install", "/tmp/package.deb");
        installed.Succeeded.Should().BeTrue(installed.ErrorText);
    }
}
