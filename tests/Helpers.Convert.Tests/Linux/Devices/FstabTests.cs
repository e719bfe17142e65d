using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Devices;

public class FstabTests
{
    [Theory]
    [InlineData("/dev/sda1\t/  ext4   errors=remount-ro 0 1", "UUID=" + SampleGuest.RootUuid + "\t/  ext4   errors=remount-ro 0 1")]
    [InlineData("  /dev/hda2 none swap sw 0 0 ", "  UUID=" + SampleGuest.SwapUuid + " none swap sw 0 0 ")]
    [InlineData("/dev/xvdb1 /my\\040data ext4 defaults", "UUID=" + SampleGuest.DataUuid + " /my\\040data ext4 defaults")]
    [InlineData("/dev/nvme1n1p1 /data ext4 defaults", "UUID=" + SampleGuest.DataUuid + " /data ext4 defaults")]
    [InlineData("/dev/vdb1 /data ext4 defaults", "UUID=" + SampleGuest.DataUuid + " /data ext4 defaults")]
    [InlineData("/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:1:0-part1 /data ext4 defaults", "UUID=" + SampleGuest.DataUuid + " /data ext4 defaults")]
    [InlineData("/dev/sdb2 /raw ext4 defaults", "PARTUUID=bbbbbbbb-02 /raw ext4 defaults")]
    [InlineData("/dev/sdb3 /raw ext4 defaults", "/dev/vdb3 /raw ext4 defaults")]
    [InlineData(".host:/ /mnt/hgfs fuse.vmhgfs-fuse allow_other 0 0", ".host:/ /mnt/hgfs fuse.vmhgfs-fuse allow_other,nofail 0 0")]
    [InlineData(".host:/ /mnt/hgfs vmhgfs", ".host:/ /mnt/hgfs vmhgfs\tdefaults,nofail")]
    public void A_line_that_hangs_on_the_old_controller_gets_a_lasting_name_and_keeps_its_form(string before, string after)
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/fstab", $"# top\n{before}\n\n# end without line feed");
        guest.Convert();
        guest.Text("/etc/fstab").Should().Be($"# top\n{after}\n\n# end without line feed");
    }

    [Theory]
    [InlineData("UUID=abc / ext4 defaults 0 1")]
    [InlineData("LABEL=root / ext4 defaults 0 1")]
    [InlineData("/dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0")]
    [InlineData("/dev/fd0 /media/floppy0 auto rw,user,noauto 0 0")]
    [InlineData("/dev/mapper/vg-root / ext4 defaults 0 1")]
    [InlineData("/dev/vg0/home /home ext4 defaults 0 1")]
    [InlineData("/dev/disk/by-uuid/1234 /x ext4 defaults")]
    [InlineData("/dev/disk/by-id/dm-uuid-LVM-abc /x ext4 defaults")]
    [InlineData("server:/export /x nfs defaults")]
    [InlineData("#/dev/sda1 / ext4 defaults 0 1")]
    [InlineData("/dev/sda")]
    [InlineData("caf\u00e9 /x none bind")]
    public void Any_other_line_stays_byte_for_byte(string line)
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/fstab", line + "\r\n");
        guest.Convert().Report.Changes.Should().NotContain(change => change.Path == "/etc/fstab");
        guest.Text("/etc/fstab").Should().Be(line + "\r\n");
    }

    [Fact]
    public void A_disk_that_is_missing_is_named_in_a_warning_and_its_line_left()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/fstab", "/dev/sdq7 /lost ext4 defaults 0 2\n");
        guest.Convert().Report.Warnings.Should().ContainSingle(warning => warning.Path == "/etc/fstab" && warning.Message.Contains("/dev/sdq7 /lost ext4"));
        guest.Text("/etc/fstab").Should().StartWith("/dev/sdq7");
    }

    [Fact]
    public void A_uuid_that_two_volumes_share_is_not_used()
    {
        using var guest = new SampleGuest();
        guest.Volumes.Add(SampleGuest.Volume(2, 1, "ext4", SampleGuest.DataUuid, "cccccccc-01"));
        guest.Put("/etc/fstab", "/dev/sdb1 /data ext4 defaults 0 2\n");
        guest.Convert();
        guest.Text("/etc/fstab").Should().StartWith("PARTUUID=bbbbbbbb-01 ");
    }

    [Fact]
    public void A_by_id_name_is_resolved_where_the_guest_has_one_disk_and_left_with_a_warning_where_it_has_two()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/fstab", "/dev/disk/by-id/scsi-36000c29-part1 / ext4 defaults 0 1\n");
        guest.Convert().Report.Warnings.Should().Contain(warning => warning.Path == "/etc/fstab");
        guest.Volumes.RemoveAll(volume => volume.Disk > 0);
        guest.Convert();
        guest.Text("/etc/fstab").Should().StartWith($"UUID={SampleGuest.RootUuid} ");
    }

    [Fact]
    public void The_report_shows_the_lines_that_changed()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/fstab", "# a\n/dev/sda1 / ext4 defaults 0 1\n# b\n");
        guest.Convert().Report.Changes.Single(change => change.Concern == "fstab").Lines
            .Should().Equal("-/dev/sda1 / ext4 defaults 0 1", $"+UUID={SampleGuest.RootUuid} / ext4 defaults 0 1");
    }

    [Fact]
    public void Names_are_read_in_the_guests_own_order_of_disks_and_the_report_says_so()
    {
        using var guest = new SampleGuest { Naming = new DiskNaming([1, 0]) };
        guest.Put("/etc/fstab", "/dev/sda1 /data ext4 defaults\n/dev/sdb1 / ext4 defaults\n");

        var (_, report) = guest.Convert();

        guest.Text("/etc/fstab").Should().Be($"UUID={SampleGuest.DataUuid} /data ext4 defaults\nUUID={SampleGuest.RootUuid} / ext4 defaults\n");
        report.Warnings.Should().Contain(warning => warning.Message.Contains("another order"));
    }
}
