using System.Buffers.Binary;
using Hyper2Kvm.Guest.Tests.Fixtures;
using Hyper2Kvm.Guest.Volumes.Md;

namespace Hyper2Kvm.Guest.Tests.Volumes;

/// <summary>What real headers say, without the disks between them.</summary>
public sealed class VolumeSampleTests
{
    [Theory]
    [InlineData("lvm-linear", "/dev/linear-vg/root-a 60 on 0,1", "/dev/linear-vg/single 16 on 0")]
    [InlineData("lvm-striped", "/dev/striped/data 80 on 0,1")]
    [InlineData("lvm-raid1", "/dev/raid1/data 40 on 0,1")]
    [InlineData("lvm-mirror", "/dev/mirrored/data 40 on 0,1")]
    [InlineData("lvm-raid-other", "/dev/others/five 16 unmapped", "/dev/others/ten 16 unmapped", "/dev/others/zero 20 on 0,1", "/dev/others/slow 16 unmapped")]
    [InlineData("lvm-snapshot", "/dev/snapped/origin 30 on 0", "/dev/snapped/snap 8 unmapped")]
    [InlineData("lvm-thin", "/dev/thinned/pool 40 unmapped", "/dev/thinned/thin 100 unmapped", "/dev/thinned/plain 16 on 0")]
    [InlineData("lvm-exported", "/dev/exported/data 16 unmapped")]
    [InlineData("lvm-stale", "/dev/stale/new 16 on 0")]
    [InlineData("md0", "/dev/md/zero 126 on 0,1")]
    [InlineData("md0-zones", "/dev/md/zones 119 on 0,1,2")]
    [InlineData("md1", "/dev/md/one 63 on 0,1")]
    [InlineData("md1-0.90", "/dev/md13 63 on 0,1")]
    [InlineData("md1-1.0", "/dev/md/one 63 on 0,1")]
    [InlineData("md1-1.1", "/dev/md/one 63 on 0,1")]
    [InlineData("md1-stale", "/dev/md/stale 63 on 0")]
    [InlineData("md-linear", "/dev/md/joined 126 on 0,1")]
    [InlineData("md5", "/dev/md/five 124 unmapped")]
    [InlineData("md10", "/dev/md/ten 124 unmapped")]
    [InlineData("lvm-on-md1", "/dev/md/pv 63 on 0,1", "/dev/stacked/root 40 on 0,1")]
    public void Volumes_of_real_disks_are_found_with_their_sizes_in_MiB_and_their_disks(string image, params string[] expected)
    {
        var (_, volumes) = VolumeDiscovery.Discover(MetadataSample.Load(image).Readers());

        volumes.Where(volume => volume.Kind != VolumeKind.Plain)
            .Select(volume => $"{volume.Device} {volume.Length >> 20} {(volume.IsMapped ? "on " + string.Join(',', volume.Disks) : "unmapped")}")
            .Should().Equal(expected);
        volumes.Where(volume => volume.Kind != VolumeKind.Plain && !volume.IsMapped).All(volume => volume.Problem is not null).Should().BeTrue();
    }

    [Fact]
    public void Damage_in_one_copy_of_the_metadata_is_made_good_by_another()
    {
        var sample = MetadataSample.Load("lvm-raid1");
        var text = sample.Disks[0].Head.AsSpan().IndexOf("physical_volumes"u8);
        sample.Disks[0].Head.AsSpan(text, 4).Fill((byte)'x');

        var (_, volumes) = VolumeDiscovery.Discover(sample.Readers());

        volumes.Single(volume => volume.Kind == VolumeKind.Logical).Disks.Should().Equal(0, 1);
    }

    [Fact]
    public void An_array_without_a_length_is_told_and_not_mapped()
    {
        const int SizeWord = 8;
        const int ChecksumWord = 38;
        var sample = MetadataSample.Load("md1-0.90");
        foreach (var tail in sample.Disks.Select(disk => disk.Tail))
        {
            var superblock = tail.AsSpan(tail.AsSpan().LastIndexOf((byte[])[0xFC, 0x4E, 0x2B, 0xA9]), 4096);
            superblock.Slice(SizeWord * 4, 4).Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(superblock[(ChecksumWord * 4)..], MdChecksum.Of(superblock, ChecksumWord * 4));
        }

        var (_, volumes) = VolumeDiscovery.Discover(sample.Readers());

        volumes.Should().ContainSingle(volume => volume.Kind == VolumeKind.Raid).Which.Problem.Should().Be("it is empty");
    }

    [Fact]
    public void A_disk_given_twice_makes_a_refusal_that_names_both()
    {
        var sample = MetadataSample.Load("lvm-linear").Readers();

        var (_, volumes) = VolumeDiscovery.Discover([sample[0], sample[1], sample[0]]);

        volumes.Where(volume => volume.Kind == VolumeKind.Logical).Should().HaveCount(2)
            .And.OnlyContain(volume => !volume.IsMapped && volume.Problem!.Contains("/dev/sda and /dev/sdc"));
    }

    [Fact]
    public void A_raid_member_given_twice_makes_a_refusal_that_names_both()
    {
        var sample = MetadataSample.Load("md1").Readers();

        var (_, volumes) = VolumeDiscovery.Discover([sample[0], sample[0]]);

        volumes.Single(volume => volume.Kind == VolumeKind.Raid).Problem.Should().Contain("/dev/sda and /dev/sdb are the same member");
    }
}
