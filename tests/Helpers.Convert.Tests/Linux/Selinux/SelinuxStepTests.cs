using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Selinux;

public class SelinuxStepTests
{
    private const string Place = "/etc/selinux/targeted/contexts/files/file_contexts";
    private const string Rules = "/etc/.* system_u:object_r:etc_t:s0\n/etc/systemd/.* system_u:object_r:unit_t:s0\n/boot/.* system_u:object_r:boot_t:s0\n/var/.* system_u:object_r:var_t:s0\n/usr/.* system_u:object_r:usr_t:s0\n/tmp/.* <<none>>\n";

    [Fact]
    public void What_is_new_gets_its_label_and_what_is_replaced_keeps_its_own()
    {
        using var guest = Guest();
        guest.Files.Labels["/boot/initrd.img-" + SampleGuest.Version] = "system_u:object_r:chosen_t:s0";
        var report = guest.Customise(new JobCustomisation { Action = "write", Path = "/etc/new/file", Value = "x" }, new JobCustomisation { Action = "link", Path = "/lib/link", Value = "x" }, new JobCustomisation { Action = "write", Path = "/tmp/x", Value = "x" });

        guest.Files.Labels.Should().Contain("/etc/new", "system_u:object_r:etc_t:s0")
            .And.Contain("/etc/new/file", "system_u:object_r:etc_t:s0")
            .And.Contain("/usr/lib/link", "system_u:object_r:usr_t:s0")
            .And.Contain("/boot/initrd.img-" + SampleGuest.Version, "system_u:object_r:chosen_t:s0", "the new initramfs takes the place and the label of the old one")
            .And.NotContainKeys("/etc/fstab", "/tmp/x");
        guest.Files.Labels.Keys.Should().OnlyContain(path => guest.Files.Status(path, false) != null);
        report.Changes.Where(change => change.Action == "label").Should().NotBeEmpty();
        guest.Files.Status("/.autorelabel").Should().BeNull();
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Theory]
    [InlineData("no labels on the guest's files")]
    [InlineData("no list of contexts")]
    [InlineData("an expression that cannot be matched")]
    public void Where_labels_cannot_be_computed_the_guest_relabels_itself_and_the_report_says_so(string why)
    {
        using var guest = Guest();
        if (why.StartsWith("no labels", StringComparison.Ordinal))
            guest.Files.Labels.Clear();
        else if (why.StartsWith("no list", StringComparison.Ordinal))
            guest.Files.Delete(Place);
        else
            guest.Put(Place, Rules + "/(?!x).* system_u:object_r:bad_t:s0\n");
        var report = guest.Convert().Report;
        guest.Files.Status("/.autorelabel").Should().NotBeNull();
        report.Warnings.Should().Contain(warning => warning.Concern == "selinux" && warning.Path == "/.autorelabel");
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Theory]
    [InlineData("SELINUX=disabled\nSELINUXTYPE=targeted\n")]
    [InlineData("SELINUX=enforcing\nSELINUXTYPE=../../../etc\n")]
    [InlineData("")]
    public void Without_SELinux_there_are_no_labels(string config)
    {
        using var guest = Guest();
        guest.Put("/etc/selinux/config", config);
        guest.Convert().Report.Changes.Should().NotContain(change => change.Concern == "selinux");
    }

    private static SampleGuest Guest()
    {
        var guest = new SampleGuest();
        guest.Put("/etc/selinux/config", "# comment\nSELINUX=enforcing\nSELINUXTYPE=targeted\n");
        guest.Put(Place, Rules);
        guest.Files.Labels["/etc"] = "system_u:object_r:etc_t:s0";
        return guest;
    }
}
