using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Probing;

/// <summary>Disks whose bytes look like those of a disk with partitions and like a member of something.</summary>
public sealed class WholeDiskTests
{
    private const int PartitionStart = 2048;

    [Theory]
    [InlineData("md1-1.0", "/dev/md/one1")]
    [InlineData("md1-0.90", "/dev/md13p1")]
    public void A_table_on_the_legs_of_a_mirror_is_that_of_the_array(string image, string partition)
    {
        var sample = MetadataSample.Load(image);
        sample.Disks.ToList().ForEach(disk => WriteTable(disk.Head, 0x83, PartitionStart, 32768));

        var (disks, volumes) = VolumeDiscovery.Discover(sample.Readers());

        volumes.Where(volume => volume.Kind == VolumeKind.Plain).Select(volume => (volume.Device, volume.Content)).Should().Equal(("/dev/sda", "linux_raid_member"), ("/dev/sdb", "linux_raid_member"));
        var only = volumes.Single(volume => volume.Kind == VolumeKind.Raid);
        only.Device.Should().Be(partition);
        only.Map!.Copies.Should().Be(2, "a write goes to both legs");
        disks.Should().OnlyContain(disk => disk.Table.Partitions.Count == 1, "the firmware sees it");
    }

    [Theory]
    [InlineData("md1", 0x83)]
    [InlineData("md1", 0xEE)]
    [InlineData("lvm-linear", 0xEE)]
    [InlineData("lvm-linear", 0)]
    public void A_table_that_was_left_over_does_not_hide_a_member(string image, byte type)
    {
        var sample = MetadataSample.Load(image);
        var expected = Shape(VolumeDiscovery.Discover(sample.Readers()).Volumes);
        WriteTable(sample.Disks[1].Head, type, PartitionStart, 32768);

        var volumes = VolumeDiscovery.Discover(sample.Readers()).Volumes;

        Shape(volumes).Should().Equal(expected);
        volumes.Single(volume => volume.Device == "/dev/sdb").Problem.Should().Contain("partition table");
    }

    [Fact]
    public void A_disk_with_partitions_stays_one_though_a_label_of_LVM_outlived_in_it()
    {
        var sample = MetadataSample.Load("lvm-linear");
        WriteTable(sample.Disks[1].Head, 0x83, PartitionStart, 32768);

        VolumeDiscovery.Discover(sample.Readers()).Volumes.Should().Contain(volume => volume.Device == "/dev/sdb1", "LVM in the guest passes over the disk, too");
    }

    private static IEnumerable<(string, string?, bool)> Shape(IEnumerable<GuestVolume> volumes) => volumes.Select(volume => (volume.Device, volume.Content, volume.IsMapped));

    private static void WriteTable(byte[] disk, byte type, uint start, uint sectors)
    {
        disk.AsSpan(446, 64).Clear();
        TableBytes.BootRecord(disk, 0);
        TableBytes.Entry(disk, 0, 0, type, start, sectors);
    }
}
