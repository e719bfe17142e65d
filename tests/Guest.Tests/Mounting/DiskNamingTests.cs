using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Guest.Tests.Mounting;

/// <summary>Users name the data disk first, or leave a disk out: names in the guest's files must not change their meaning.</summary>
public sealed class DiskNamingTests
{
    private const string ByName = "/dev/sda1 / ext4\n/dev/sda2 none swap sw\n/dev/sdb1 /data ext4\n";

    [Fact]
    public void Disks_in_the_guests_order_keep_their_names()
        => Find([Root(0), Swap(0), Data(1)], ByName).IsAsGiven.Should().BeTrue();

    [Fact]
    public void A_data_disk_given_first_is_still_the_guests_second_disk()
    {
        GuestVolume[] volumes = [Data(0), Root(1), Swap(1)];

        var naming = Find(volumes, ByName);

        naming.IsAsGiven.Should().BeFalse();
        DeviceSpec.Resolve("/dev/sda1", volumes, naming).Should().Be(volumes[1]);
        DeviceSpec.Resolve("/dev/sda2", volumes, naming).Should().Be(volumes[2]);
        DeviceSpec.Resolve("/dev/sdb1", volumes, naming).Should().Be(volumes[0]);
    }

    [Fact]
    public void A_root_by_uuid_is_not_mounted_again_under_the_name_of_the_data_disk()
    {
        GuestVolume[] volumes = [Data(0), Root(1)];

        var naming = Find(volumes, "UUID=r / ext4\n/dev/sdb1 /data ext4\n");

        DeviceSpec.Resolve("/dev/sdb1", volumes, naming).Should().Be(volumes[0]);
    }

    [Fact]
    public void The_only_disk_that_was_given_may_be_the_guests_second_one()
    {
        GuestVolume[] volumes = [Root(0)];

        var naming = Find(volumes, "/dev/sdb1 / ext4\n/dev/sda1 /data ext4\n");

        DeviceSpec.Resolve("/dev/sdb1", volumes, naming).Should().Be(volumes[0]);
        DeviceSpec.Resolve("/dev/sda1", volumes, naming).Should().BeNull("that disk was not given");
    }

    [Theory]
    [InlineData("/dev/sda1 / ext4\n/dev/sda2 none swap sw\n/dev/sda7 /old ext4\n/dev/sdc1 /gone ext4\n")]
    [InlineData("UUID=r / ext4\n/dev/sda5 none swap sw\n/dev/sda2 /boot auto\n")]
    [InlineData("UUID=r / ext4\n/dev/sdb1 /data ext4 nofail\n")]
    [InlineData("/dev/mapper/vg-root / ext4\n/dev/sr0 /media/cdrom0 udf,iso9660 noauto\n")]
    public void Stale_lines_and_disks_that_were_left_out_change_no_order(string fstab)
        => Find([Root(0), Swap(0)], fstab).IsAsGiven.Should().BeTrue();

    [Fact]
    public void Subvolumes_of_one_btrfs_are_no_contradiction()
        => Find([Volume(0, 1, "btrfs"), Data(1)], "/dev/sda1 / btrfs subvol=@\n/dev/sda1 /home btrfs subvol=@home\n").IsAsGiven.Should().BeTrue();

    [Fact]
    public void With_many_disks_the_roots_disk_gets_the_place_that_its_line_tells()
    {
        GuestVolume[] volumes = [.. Enumerable.Range(0, 9).Select(Data), Root(9)];

        var naming = Find(volumes, "/dev/sda1 / ext4\n/dev/sdb1 /data ext4\n");

        naming.DiskAt(0).Should().Be(9);
        naming.DiskAt(1).Should().Be(0);
        naming.DiskAt(9).Should().Be(8);
    }

    private static DiskNaming Find(GuestVolume[] volumes, string fstab)
        => DiskNamingSearch.Find(volumes.First(volume => volume.Label == "root" || volume.Content == "btrfs"), Fstab.Parse(fstab), volumes);

    private static GuestVolume Root(int disk) => Volume(disk, 1, "ext4") with { Label = "root" };

    private static GuestVolume Swap(int disk) => Volume(disk, 2, "swap");

    private static GuestVolume Data(int disk) => Volume(disk, 1, "ext4");

    private static GuestVolume Volume(int disk, int partition, string content)
        => new() { Device = $"/dev/sd{(char)('a' + disk)}{partition}", Disk = disk, Partition = partition, Offset = 0, Length = 1, Content = content };
}
