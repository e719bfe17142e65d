using System.Text;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Initramfs;

/// <summary><c>--rebuild-initramfs=guest</c>, with something in the place of the guest's tool: what is planned, what is required of the result, what is told.</summary>
public sealed class GuestRebuildTests
{
    private const string File = $"/boot/initrd.img-{SampleGuest.Version}";
    private const string Kept = File + ".pre-hyper2kvm";

    [Fact]
    public void The_guests_tool_is_run_for_its_kernel_and_the_report_has_the_command_its_time_and_the_files()
    {
        using var guest = Guest();
        var old = guest.Files.Read(File);
        guest.Programs.Does = () => guest.Put(File, Rebuilt());

        var report = guest.Convert().Report;

        guest.Programs.Ran.Should().ContainSingle().Which.Command.Should().Equal("/usr/sbin/update-initramfs", "-u", "-v", "-k", SampleGuest.Version);
        guest.Programs.Ran[0].Writable.Should().Equal("/boot", "/var/lib/initramfs-tools");
        var changes = report.Changes.Where(change => change.Concern == "initramfs").Select(change => $"{change.Action} {change.Path}").ToList();
        changes.Should().Equal($"copy {File}", "run /usr/sbin/update-initramfs", $"edit {File}");
        report.Changes.Single(change => change.Action == "run").Reason.Should().Contain($"update-initramfs -u -v -k {SampleGuest.Version}").And.Contain("1.5 s").And.Contain("virtio_blk");
        report.Notes.Should().Contain(note => note.Message.Contains("is run in a sandbox"));
        guest.Files.Read(Kept).Should().Equal(old);
    }

    [Fact]
    public void A_second_run_runs_nothing()
    {
        using var guest = Guest();
        guest.Programs.Does = () => guest.Put(File, Rebuilt());
        guest.Convert();
        guest.Programs.Ran.Clear();

        guest.Convert().Report.Changes.Should().BeEmpty();

        guest.Programs.Ran.Should().BeEmpty();
    }

    [Fact]
    public void Without_the_option_nothing_of_the_guest_is_run()
    {
        using var guest = Guest();
        guest.Options = new JobConvert();

        guest.Convert();

        guest.Programs.Ran.Should().BeEmpty();
    }

    [Fact]
    public void An_archive_that_cannot_be_edited_is_made_anew()
    {
        using var guest = Guest();
        guest.Put(File, "what no tool of ours knows");
        guest.Programs.Does = () => guest.Put(File, Rebuilt());

        guest.Convert().Report.Changes.Single(change => change.Action == "run").Reason.Should().Contain("cannot be edited");
    }

    [Fact]
    public void A_result_without_a_driver_fails_the_run_and_the_old_image_is_put_back()
        => Fails(guest => guest.Put(File, Archives.Gzip(Archives.Debian(SampleGuest.Version)))).Message.Should().Contain("virtio_blk").And.Contain("would not boot");

    [Theory]
    [InlineData("no archive at all")]
    [InlineData("")]
    public void A_result_that_cannot_be_read_fails_the_run(string content)
        => Fails(guest => guest.Put(File, content)).Message.Should().StartWith(File);

    [Fact]
    public void A_result_that_lost_what_opened_the_root_fails_the_run()
        => Fails(guest => guest.Put(File, Rebuilt()), WithLuks()).Message.Should().Contain("cryptroot/crypttab, cryptsetup").And.Contain("which it had before");

    [Fact]
    public void A_tool_that_removes_the_image_fails_the_run() => Fails(guest => guest.Files.Delete(File)).Message.Should().Contain("no such file");

    [Fact]
    public void A_tool_that_fails_is_told_with_its_last_words_and_its_log()
    {
        var failure = Fails(guest => guest.Programs.Ends = new GuestProgramResult(3, TimeSpan.Zero, ["mkinitramfs: no space", "update-initramfs: failed"], TimedOut: false));

        failure.Message.Should().Contain("exit status 3: mkinitramfs: no space | update-initramfs: failed");
        failure.Hint.Should().Contain("logs/rebuild-initramfs.log").And.Contain("--rebuild-initramfs=guest");
    }

    [Fact]
    public void A_tool_that_does_not_end_is_told_so()
        => Fails(guest => guest.Programs.Ends = new GuestProgramResult(137, TimeSpan.Zero, [], TimedOut: true)).Message.Should().Contain("did not end within 15 minutes and was killed");

    [Fact]
    public void A_guest_of_another_architecture_is_refused_before_anything_is_written()
    {
        using var guest = Guest();
        guest.Architecture = "ppc64le";

        var failure = guest.Invoking(one => one.Convert()).Should().Throw<StepException>().Which;

        failure.Code.Should().Be(ErrorCodes.ConvertRebuild);
        failure.Message.Should().Contain("ppc64le").And.Contain("cannot be run here");
        failure.Hint.Should().Contain("Leave out --rebuild-initramfs=guest");
        guest.Files.Written.Should().BeEmpty();
    }

    [Fact]
    public void A_guest_without_a_tool_that_is_known_is_refused_before_anything_is_written()
    {
        using var guest = Guest();
        guest.Files.Delete("/usr/sbin/mkinitramfs");

        guest.Invoking(one => one.Convert()).Should().Throw<StepException>().Which.Message.Should().Contain("no tool that is known");
        guest.Files.Written.Should().BeEmpty();
    }

    [Fact]
    public void Settings_for_the_hardware_at_hand_are_shown_as_for_any()
    {
        using var guest = Guest();
        guest.Put("/etc/initramfs-tools/initramfs.conf", "MODULES=most\nCOMPRESS=gzip\n");
        guest.Put("/etc/initramfs-tools/conf.d/driver-policy", "# by the installer\nMODULES=dep\n");
        guest.Programs.Does = () => guest.Put(File, Rebuilt());

        guest.Convert();

        guest.Programs.Ran[0].Shown.Keys.Should().Equal("/etc/initramfs-tools/conf.d/driver-policy");
        Encoding.ASCII.GetString(guest.Programs.Ran[0].Shown["/etc/initramfs-tools/conf.d/driver-policy"].Span).Should().Be("# by the installer\nMODULES=most\n");
        guest.Text("/etc/initramfs-tools/conf.d/driver-policy").Should().Contain("MODULES=dep");
    }

    [Theory]
    [InlineData("rhel9", "dracut", "--force --no-hostonly {1} {0}")]
    [InlineData("sles15", "dracut", "--force --no-hostonly {1} {0}")]
    [InlineData("sles11", "mkinitrd", "-k vmlinuz-{0} -i initrd-{0}")]
    [InlineData("rhel5", "mkinitrd", "-f {1} {0}")]
    [InlineData("arch", "mkinitcpio", "-S autodetect -k {0} -g {1}")]
    [InlineData("alpine", "mkinitfs", "-o {1} {0}")]
    public void Each_family_has_its_command(string family, string program, string arguments)
    {
        using var guest = FamilyGuest.Make(family);
        guest.Put($"/usr/sbin/{program}", "x");
        if (family == "sles11")
            guest.Put("/lib/mkinitrd/scripts/setup-storage.sh", "x");

        RebuildCommand.InSandbox(guest.Files, "VERSION", "IMAGE").Should().Equal([$"/usr/sbin/{program}", .. string.Format(arguments, "VERSION", "IMAGE").Split(' ')]);
    }

    private static SampleGuest Guest()
    {
        var guest = new SampleGuest { Options = new JobConvert { RebuildInitramfs = "guest" } };
        guest.Put("/usr/sbin/update-initramfs", "#!/bin/sh\n");
        guest.Put("/usr/sbin/mkinitramfs", "#!/bin/sh\n");
        Directory.CreateDirectory(guest.Files.Host("/var/lib/initramfs-tools"));
        return guest;
    }

    /// <summary>What the edit makes of the same guest stands for what its tool makes.</summary>
    private static byte[] Rebuilt()
    {
        using var edited = new SampleGuest();
        edited.Convert();
        return edited.Files.Read(File);
    }

    private static byte[] WithLuks() => Archives.Gzip([.. Archives.Debian(SampleGuest.Version), .. Archives.Cpio(writer =>
    {
        writer.AddFile("sbin/cryptsetup", 1, "x"u8);
        writer.AddFile("cryptroot/crypttab", 1, "root UUID=1 none luks\n"u8);
    })]);

    private static StepException Fails(Action<SampleGuest> tool, byte[]? before = null)
    {
        using var guest = Guest();
        if (before is not null)
            guest.Put(File, before);
        var old = guest.Files.Read(File);
        guest.Programs.Does = () => tool(guest);

        var failure = guest.Invoking(one => one.Convert()).Should().Throw<StepException>().Which;

        failure.Code.Should().Be(ErrorCodes.ConvertRebuild);
        failure.Hint.Should().Contain("Leave out --rebuild-initramfs=guest");
        guest.Files.Read(File).Should().Equal(old, "the old image is put back");
        guest.Files.Status(Kept).Should().BeNull();
        return failure;
    }
}
