using Hyper2Kvm.EndToEnd.Support;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.EndToEnd;

/// <summary>Real guests, converted and booted on virtio.</summary>
[Trait("speed", "slow")]
public sealed class Guests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("debian-novirtio", "Gave up waiting for (root|suspend/resume)")] // no driver of its disk
    [InlineData("debian-sdboot", "BdsDxe: (failed to load|No bootable)")] // no loader where firmware without its NVRAM looks
    [InlineData("debian-uefi", "BdsDxe: (failed to load|No bootable)")]
    public void A_guest_that_needs_its_conversion_does_not_boot_on_virtio_before_it(string name, string failure)
    {
        var disks = GuestFixture.Disks(GuestFixture.Directory(name), "raw");

        var boot = Boot.Run(_scratch, disks, ["--bus", "virtio", .. new Expected(name).BootOptions]);

        boot.Reached.Should().BeFalse();
        boot.Serial.Should().MatchRegex(failure);
    }

    [Fact]
    public void A_VMware_shaped_guest_with_two_disks_boots_on_virtio_with_its_address_and_its_data()
    {
        var source = GuestFixture.Variant("debian-novirtio", "vmdk-monolithicSparse");
        var before = GuestFixture.Digests(source);

        var converted = Conversions.ToLocal(_scratch, "vmdk", GuestFixture.Disks(source, "vmdk"));
        var boot = Boot.Run(_scratch, converted.Disks, "--bus", "virtio", "--mac", converted.Mac);

        new Expected("debian-novirtio").AssertUp(boot);
        GuestFixture.Digests(source).Should().Equal(before, "the source is never written");
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void Disks_that_were_given_in_another_order_than_the_guests_make_a_guest_that_boots()
    {
        var disks = GuestFixture.Disks(GuestFixture.Directory("debian-novirtio"), "raw");

        var converted = Conversions.ToLocal(_scratch, "disk", [disks[1], disks[0]], "-if", "raw");

        // Given to QEMU as the domain's XML says: the firmware starts from the disk with <boot order='1'>, here by its place.
        var boot = Boot.Run(_scratch, [converted.Disks[1], converted.Disks[0]], "--bus", "virtio", "--mac", converted.Mac);
        new Expected("debian-novirtio").AssertUp(boot);
        _scratch.AssertNothingLeft();
    }

    // Each on one bus, so that the suite stays short: bench/linux boots all on both.
    [Theory]
    [InlineData("debian-xfs", "virtio")]
    [InlineData("debian-btrfs", "virtio-scsi")]
    [InlineData("debian-lvm", "virtio")]
    [InlineData("debian-dracut", "virtio-scsi")]
    [InlineData("debian-luks", "virtio")]
    [InlineData("debian-usr", "virtio-scsi")]
    [InlineData("debian-md", "virtio")]
    [InlineData("debian-sdboot", "virtio")]
    public void Other_layouts_boot_with_their_address_and_their_mounts_and_a_second_conversion_changes_nothing(string name, string bus)
    {
        var source = GuestFixture.Directory(name);
        var before = GuestFixture.Digests(source);
        var expected = new Expected(name);

        var converted = Conversions.ToLocal(_scratch, "disk", GuestFixture.Disks(source, "raw"), ["-if", "raw", "-of", "qcow2", .. expected.ConversionOptions]);
        var again = Product.Run(_scratch, ["in-place", "-i", "disk", "-if", "qcow2", .. expected.ConversionOptions, .. converted.Disks]);
        var boot = Boot.Run(_scratch, converted.Disks, ["--bus", bus, "--mac", converted.Mac, .. expected.BootOptions]);

        expected.AssertUp(boot);
        again.OutputText.Should().Contain(": 0 changes", again.ErrorText);
        AssertRead(ConvertedTree.CopyOut(_scratch, converted.Disks, expected.Keys));
        GuestFixture.Digests(source).Should().Equal(before, "the source is never written");
        _scratch.AssertNothingLeft();
    }

    [Theory]
    [InlineData("debian-novirtio", "virtio", "update-initramfs")]
    [InlineData("debian-dracut", "virtio-scsi", "dracut")]
    public void A_guest_whose_own_tool_makes_the_initramfs_in_a_sandbox_boots(string name, string bus, string tool)
    {
        var work = _scratch.File("kept");

        var converted = Conversions.ToLocal(_scratch, "disk", GuestFixture.Disks(GuestFixture.Directory(name), "raw"), "-if", "raw", "-of", "qcow2", "--rebuild-initramfs=guest", "--work", work, "--keep-work");

        File.ReadAllText(Path.Combine(work, "report.json")).Should().MatchRegex($"\"action\": \"run\",\\s+\"path\": \"/usr/s?bin/{tool}\"");
        new Expected(name).AssertUp(Boot.Run(_scratch, converted.Disks, "--bus", bus, "--mac", converted.Mac));
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void A_guest_that_enforces_SELinux_boots_without_a_new_labelling_and_every_file_has_the_label_of_its_policy()
    {
        var kept = _scratch.File("kept");
        var converted = Conversions.ToLocal(_scratch, "disk", GuestFixture.Disks(GuestFixture.Directory("debian-selinux"), "raw"), "-if", "raw", "--work", kept);

        var boot = Boot.Run(_scratch, converted.Disks, "--bus", "virtio-scsi", "--mac", converted.Mac);

        new Expected("debian-selinux").AssertUp(boot);
        boot.Report("ENFORCE").Should().EndWith("Enforcing");
        boot.Report("WRITTEN").Should().Contain("/etc/systemd/network/10-hyper2kvm-ens192.link").And.Contain("/var/lib/hyper2kvm");
        boot.Report("LABEL").Should().BeEmpty("restorecon finds none that is wrong");
        boot.Report("AVC").Should().NotContain("hyper2kvm");
        boot.Serial.Should().Contain("FIXTURE-SELINUX done");
        File.ReadAllText(Path.Combine(kept, "report.json")).Should().Contain("net_conf_t").And.NotContain(".autorelabel");
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void A_qcow2_is_converted_where_it_stands_and_boots_and_a_second_run_changes_nothing()
    {
        var disks = WritableCopies("debian-novirtio", "qcow2");

        var first = Product.Run(_scratch, ["in-place", "-i", "disk", "-if", "qcow2", .. disks]);
        var second = Product.Run(_scratch, ["in-place", "-i", "disk", "-if", "qcow2", .. disks]);

        first.ExitCode.Should().Be(0, first.ErrorText);
        first.OutputText.Should().NotContain(": 0 changes");
        second.ExitCode.Should().Be(0, second.ErrorText);
        second.OutputText.Should().Contain(": 0 changes");
        AssertRead(ConvertedTree.CopyOut(_scratch, disks, []));
        _scratch.AssertNothingLeft();
        new Expected("debian-novirtio").AssertUp(Boot.Run(_scratch, disks, "--bus", "virtio"));
    }

    /// <summary>What was edited, and what was put there, is read by the tools that it is for.</summary>
    private static void AssertRead(string tree)
        => OwnTools.Read(tree).Should().Contain(["findmnt /etc/fstab", "systemd-analyze /etc/systemd/system/hyper2kvm-firstboot.service", "sh /usr/libexec/hyper2kvm/firstboot"])
            .And.NotContain(line => line.StartsWith("FAILED", StringComparison.Ordinal));

    private string[] WritableCopies(string name, string format)
        => [.. GuestFixture.Disks(GuestFixture.Variant(name, format), format).Select(file =>
        {
            var copy = _scratch.File(Path.GetFileName(file));
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return copy;
        })];
}
