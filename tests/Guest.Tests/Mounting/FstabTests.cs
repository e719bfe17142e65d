using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Guest.Tests.Mounting;

public sealed class FstabTests
{
    private static readonly GuestVolume[] Volumes =
    [
        new() { Device = "/dev/sda1", Disk = 0, Partition = 1, Offset = 0, Length = 1, Content = "ext4", Uuid = "aa-bb", Label = "root", PartitionUuid = "cafe-01", PartitionLabel = "my root" },
        new() { Device = "/dev/sda2", Disk = 0, Partition = 2, Offset = 0, Length = 1, Content = "vfat", Uuid = "ABCD-1234" },
        new() { Device = "/dev/sdb", Disk = 1, Partition = 0, Offset = 0, Length = 1, Content = "btrfs", Uuid = "cc" },
    ];

    [Fact]
    public void Lines_are_read_with_their_escapes_and_without_comments()
    {
        var entries = Fstab.Parse("# comment\n\n UUID=\"x y\"x\nLABEL=my\\040disk\t/mnt/a\\040b  ext4\tdefaults,noatime 0 2\r\n/dev/sda1 /\nalone\n");

        entries.Should().BeEquivalentTo([
            new FstabEntry("UUID=\"x", "y\"x", "auto", []),
            new FstabEntry("LABEL=my disk", "/mnt/a b", "ext4", ["defaults", "noatime"]),
            new FstabEntry("/dev/sda1", "/", "auto", []),
        ]);
        Fstab.Parse("UUID=\"aa-bb\" / ext4").Single().Spec.Should().Be("UUID=aa-bb");
    }

    [Theory]
    [InlineData("UUID=AA-BB", "/dev/sda1")]
    [InlineData("UUID=abcd-1234", "/dev/sda2")]
    [InlineData("LABEL=root", "/dev/sda1")]
    [InlineData("PARTUUID=CAFE-01", "/dev/sda1")]
    [InlineData("PARTLABEL=my root", "/dev/sda1")]
    [InlineData("/dev/disk/by-partlabel/my\\x20root", "/dev/sda1")]
    [InlineData("/dev/disk/by-uuid/cc", "/dev/sdb")]
    [InlineData("/dev/hda2", "/dev/sda2")]
    [InlineData("/dev/vda1", "/dev/sda1")]
    [InlineData("/dev/xvdb", "/dev/sdb")]
    [InlineData("/dev/nvme0n1p2", "/dev/sda2")]
    [InlineData("/dev/nvme1n1", "/dev/sdb")]
    [InlineData("/dev/sdaa1", null)]
    [InlineData("/dev/sdb1", null)]
    [InlineData("/dev/mapper/vg-root", null)]
    [InlineData("UUID=", null)]
    [InlineData("proc", null)]
    [InlineData("/dev/sda99999999999", null)]
    public void A_specification_finds_its_volume(string spec, string? device)
        => DeviceSpec.Resolve(spec, Volumes)?.Device.Should().Be(device);

    [Fact]
    public void Mounts_are_ordered_by_depth_and_only_volumes_count()
    {
        var fstab = Fstab.Parse(
            "/dev/sda2 /boot/efi vfat defaults\n/dev/sdb /home btrfs subvol=@home,noatime\n/dev/sdz1 / ext4 defaults\n/dev/sda1 //boot/ ext4\n"
            + "proc /proc proc\n/dev/sda3 none swap sw\n/home/x /srv none bind\nserver:/x /nfs nfs\n/dev/sdc1 /boot ext4\n");
        var system = new GuestSystem(Volumes[0], null, new OperatingSystemMetadata { Family = "linux" }, [], null);

        MountPlan.Make(system, fstab, Volumes, DiskNaming.AsGiven).Select(mount => (mount.Volume?.Device, mount.MountPoint, mount.Subvolume, mount.Needed)).Should().Equal(
            ("/dev/sda1", "/", null, true),
            ("/dev/sdb", "/home", "subvol=@home", false),
            ("/dev/sda1", "/boot", null, true),
            ("/dev/sda2", "/boot/efi", null, false));
    }
}
