using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.FirstBoot;

public class FirstBootTests
{
    private const string State = "/var/lib/hyper2kvm/firstboot";
    private const string Log = "/var/log/hyper2kvm-firstboot.log";

    [Theory]
    [InlineData("systemd", "/etc/systemd/system/multi-user.target.wants/hyper2kvm-firstboot.service")]
    [InlineData("openrc", "/etc/runlevels/default/hyper2kvm-firstboot")]
    [InlineData("sysv", "/etc/rc3.d/S99hyper2kvm-firstboot")]
    public void A_script_is_queued_once_and_a_service_of_the_guests_init_runs_it(string init, string link)
    {
        using var guest = Guest(init);
        guest.Customise(Command("echo one")).Changes.Should().Contain(change => change.Path == link && change.Action == "link");
        guest.Files.Status(link).Should().NotBeNull("it leads to the service");
        guest.Files.List($"{State}/scripts").Should().ContainSingle().Which.Should().StartWith("1000-");
        guest.Files.Status($"{State}/scripts/{guest.Files.List($"{State}/scripts")[0]}")!.Mode.Should().Be(0x1C0);
        guest.Customise(Command("echo one")).Changes.Should().BeEmpty();
        guest.Customise(Command("echo one"), Command("echo two")).Changes.Should().ContainSingle().Which.Path.Should().Contain("/1001-");
    }

    [Theory]
    [InlineData("dash", "systemd")]
    [InlineData("bash", "openrc")]
    [InlineData("busybox sh", "sysv")]
    public void Scripts_run_in_order_with_their_exit_codes_logged_and_nothing_of_the_service_stays(string shell, string init)
    {
        using var guest = Guest(init);
        guest.Put("/script", "#!/bin/sh\necho second >>/order\nexit 7\n");
        guest.Put("/plain", "echo third >>/order\n");
        JobCustomisation[] wanted = [Command("echo first | tee -a /order"), Script(guest.Root + "/script"), Script(guest.Root + "/plain")];
        guest.Customise(wanted);

        GuestShell.FirstBoot(guest, shell);

        guest.Text("/order").Should().Be("first\nsecond\nthird\n");
        guest.Text(Log).Should().MatchRegex("(?s)1000-.* starts\nfirst\n.*ended with exit code 0.*1001-.*ended with exit code 7.*1002-.*ended with exit code 0.*all scripts have run");
        Directory.EnumerateFileSystemEntries(guest.Root, "*firstboot", SearchOption.AllDirectories).Select(path => path[guest.Root.Length..])
            .Should().Equal([State], "only what has run is remembered");
        guest.Files.List(State).Should().Equal("done");
        guest.Files.List("/etc/systemd/system/multi-user.target.wants").Should().BeEmpty();

        var again = guest.Customise(wanted);
        again.Changes.Should().BeEmpty();
        again.Notes.Should().Contain(note => note.Message.Contains("has run in this guest"));
    }

    [Fact]
    public void A_script_during_which_the_guest_went_down_is_not_run_again_and_the_rest_is()
    {
        using var guest = Guest("systemd");
        guest.Customise(Command("echo rest >>/order"));
        guest.Put($"{State}/running-abc", "echo again >>/order\n");
        GuestShell.FirstBoot(guest, "dash");
        guest.Text("/order").Should().Be("rest\n");
        guest.Text(Log).Should().Contain("script abc did not end before the last shutdown");
    }

    [Fact]
    public void A_guest_without_a_known_init_is_refused_before_anything_is_written()
    {
        using var guest = new SampleGuest();
        guest.Invoking(sample => sample.Customise(Command("true"))).Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.ConvertCustomise);
        guest.Files.Written.Should().BeEmpty();
    }

    private static SampleGuest Guest(string init) => new SampleGuest { Options = new JobConvert { GuestAgent = "off" } }.StartedBy(init);

    private static JobCustomisation Command(string text) => new() { Action = "firstboot-command", Value = text };

    private static JobCustomisation Script(string file) => new() { Action = "firstboot", File = file };
}
