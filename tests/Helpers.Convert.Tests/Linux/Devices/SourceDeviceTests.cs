using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Devices;

public sealed class SourceDeviceTests
{
    [Theory]
    [InlineData("/dev/sdaa3", "sd", 26, 3)]
    [InlineData("/dev/hdb", "hd", 1, 0)]
    [InlineData("/dev/nvme1n1p2", "nvme", 1, 2)]
    [InlineData("/dev/cciss/c0d1p3", "cciss", 1, 3)]
    [InlineData("/dev/cciss/c1d0", "cciss", 16, 0)]
    [InlineData("/dev/ida/c0d0p1", "ida", 0, 1)]
    [InlineData("/dev/disk/by-path/pci-0000:00:10.0-scsi-0:0:8:0-part2", "", 7, 2)]
    [InlineData("/dev/disk/by-id/wwn-0x6000c29-part1", "", null, 1)]
    [InlineData("/dev/mapper/mpathb-part4", "", null, 4)]
    [InlineData("/dev/mapper/mpathc", "", null, 0)]
    [InlineData("/dev/disk/by-id/dm-uuid-part3-mpath-36000c29", "", null, 3)]
    public void A_name_that_hangs_on_the_controller_tells_disk_and_partition(string name, string family, int? disk, int partition)
        => SourceDevice.Parse(name).Should().Be(new SourceDevice(family, disk, partition));

    [Theory]
    [InlineData("/dev/sr0")]
    [InlineData("/dev/fd0u1440")]
    [InlineData("/dev/disk/by-id/usb-Kingston_1-0:0-part1")]
    [InlineData("/dev/disk/by-path/pci-0000:02:00.0-usb-0:1:1.0-scsi-0:0:0:0-part1")]
    [InlineData("/dev/disk/by-id/dm-uuid-LVM-abc")]
    [InlineData("/dev/disk/by-id/md-uuid-1:2:3:4")]
    [InlineData("/dev/mapper/vg-mpatha")]
    [InlineData("/dev/sda1\"; reboot")]
    [InlineData("/dev/sda1\u001b[2J")]
    [InlineData("/dev/sda99999999999999999999x")]
    [InlineData("\"/dev/sda1\"")]
    public void Any_other_name_is_none(string name) => SourceDevice.Parse(name).Should().BeNull();

    [Fact]
    public void Disks_of_each_bus_are_counted_by_themselves_where_the_source_tells_the_buses()
    {
        const string Fstab = "/dev/nvme0n1p1 /data ext4\n/dev/sda1 / ext4\n";
        var names = Names(Fstab, DiskBus.Scsi, DiskBus.Nvme);

        names.Translate("/dev/sda1")!.Volume.Disk.Should().Be(0);
        names.Translate("/dev/nvme0n1p1")!.Volume.Disk.Should().Be(1);
        names.Translate("/dev/nvme1n1p1").Should().BeNull();
        names.OnTarget("/dev/nvme0n1").Should().Be("/dev/vdb");
    }

    [Theory]
    [InlineData(DiskBus.Unknown)]
    [InlineData(DiskBus.Scsi)]
    public void Where_it_does_not_only_names_like_that_of_the_root_are_believed(DiskBus bus)
    {
        const string Fstab = "/dev/nvme0n1p1 /data ext4\n/dev/sda1 / ext4\n";
        var names = Names(Fstab, bus, bus);

        names.Translate("/dev/sda1")!.Volume.Disk.Should().Be(0);
        names.Translate("/dev/nvme0n1p1").Should().BeNull();
        names.Untrusted.Should().Equal("nvme");
    }

    [Fact]
    public void A_name_that_would_mean_what_another_line_mounts_is_not_believed()
        => Names("UUID=uuid-0 / ext4\n/dev/nvme0n1p1 /data ext4\n", DiskBus.Unknown, DiskBus.Unknown).Translate("/dev/nvme0n1p1").Should().BeNull();

    [Fact]
    public void A_guest_that_uses_one_kind_of_names_is_read_whatever_bus_its_image_claims()
        => Names("/dev/nvme0n1p1 / ext4\n/dev/nvme1n1p1 /data ext4\n", DiskBus.Scsi, DiskBus.Scsi).Translate("/dev/nvme1n1p1")!.Volume.Disk.Should().Be(1);

    private static VolumeNames Names(string fstab, params DiskBus[] buses)
    {
        var disks = buses.Select((bus, index) => new DiskMetadata { Index = index, Format = "raw", Path = "x", Bus = bus }).ToList();
        var volumes = disks.Select(disk => SampleGuest.Volume(disk.Index, 1, "ext4", $"uuid-{disk.Index}", null)).ToList();
        return new VolumeNames(volumes, "vd", new DiskFamilies(disks, DiskNaming.AsGiven, volumes, fstab));
    }
}
