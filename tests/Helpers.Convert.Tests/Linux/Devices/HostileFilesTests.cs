using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Devices;

public sealed class HostileFilesTests
{
    private const int TenMegabytes = 10 << 20;

    [Theory]
    [InlineData("/etc/fstab")]
    [InlineData("/etc/crypttab")]
    [InlineData("/etc/mdadm/mdadm.conf")]
    [InlineData("/etc/lvm/lvm.conf")]
    public void A_file_that_the_boot_needs_and_that_is_far_too_large_refuses_the_guest(string path)
    {
        using var guest = new SampleGuest();
        guest.Put(path, new byte[TenMegabytes]);
        guest.Invoking(sample => sample.Convert()).Should().Throw<StepException>().Which.Message.Should().Contain(path).And.Contain("at most 4 MiB");
        guest.Files.Written.Should().BeEmpty();
    }

    [Theory]
    [InlineData("/etc/hdparm.conf")]
    [InlineData("/etc/multipath.conf")]
    [InlineData("/etc/smartd.conf")]
    [InlineData("/etc/systemd/system/x.mount")]
    [InlineData("/var/cache/debconf/config.dat")]
    public void Any_other_one_is_passed_over_and_told(string path)
    {
        using var guest = new SampleGuest();
        guest.Put(path, new byte[TenMegabytes]);
        guest.Convert().Report.Warnings.Should().Contain(warning => warning.Path == path && warning.Message.Contains("10 MiB"));
    }

    [Fact]
    public void Control_characters_of_the_guest_do_not_reach_the_terminal()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/fstab", "/dev/sdq1 /\u001b]0;owned\u0007 ext4 defaults\n");
        guest.Convert().Report.Warnings.Select(warning => warning.Message).Should().Contain(message => message.Contains("?]0;owned?")).And.OnlyContain(message => !message.Any(char.IsControl));
    }

    [Fact]
    public void A_filter_of_lvm_that_would_take_for_ever_is_left_alone_and_told()
    {
        using var guest = new SampleGuest();
        guest.Volumes.Add(SampleGuest.Volume(0, 3, "LVM2_member", "x", null));
        guest.Put("/etc/lvm/lvm.conf", "devices {\n filter = [ \"a|^(/(d|d)*(e|e)*(v|v)*(/|/)*)*(([svda])*)*([svda0-9]*)*x$|\" ]\n}\n");
        guest.Convert();
        guest.Put("/etc/lvm/lvm.conf", "devices {\n filter = [ \"a|(|\" ]\n}\n");
        guest.Convert().Report.Warnings.Should().Contain(warning => warning.Path == "/etc/lvm/lvm.conf" && warning.Hint!.Contains("/dev/vda"));
    }

    [Theory]
    [InlineData("a|^/dev/vda3$|\", \"r|.*|", "/dev/vda3", true)]
    [InlineData("a|^/dev/vda3$|\", \"r|.*|", "/dev/sda3", false)]
    [InlineData("r/sd[a-z]/", "/dev/vda3", true)]
    [InlineData("a{vda}\", \"r{.*}", "/dev/vda3", true)]
    [InlineData("r|.*|\", \"a|vda|", "/dev/vda3", false)]
    public void A_filter_of_lvm_is_read_as_lvm_reads_it(string patterns, string device, bool accepted)
        => LvmFilter.Of($"filter = [ \"{patterns}\" ]").Single().Accepts([device]).Should().Be(accepted);
}
