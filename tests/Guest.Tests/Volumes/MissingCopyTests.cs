using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Volumes;

/// <summary>Mirrors of which a copy in force was not given.</summary>
public sealed class MissingCopyTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("md1", 0, "*member 1 *give all disks*")]
    [InlineData("md1-0.90", 1, "*member 0 *give all disks*")]
    [InlineData("lvm-raid1", 0, "*missing*physical volume*UUID*give all disks*")]
    [InlineData("lvm-mirror", 0, "*missing*physical volume*UUID*give all disks*")]
    public void They_are_read_and_not_written(string image, int given, string reason)
    {
        var sample = MetadataSample.Load(image).Readers();

        var volume = VolumeDiscovery.Discover([sample[given]]).Volumes.Single(one => one.Kind != VolumeKind.Plain);

        volume.Map!.IsReadOnly.Should().BeTrue();
        volume.Map.WriteRefusal.Should().Match(reason);
        VolumeDiscovery.Discover(sample).Volumes.Where(one => one.IsMapped).Should().OnlyContain(one => one.Map!.WriteRefusal == null);
    }

    [Fact]
    public void A_copy_that_the_array_itself_gave_up_may_be_missing()
        => VolumeDiscovery.Discover([MetadataSample.Load("md1-stale").Readers()[0]]).Volumes.Single(volume => volume.Kind == VolumeKind.Raid).Map!.WriteRefusal.Should().BeNull();

    [Fact]
    [Trait("speed", "slow")]
    public void What_is_mounted_of_them_can_only_be_read_and_says_why()
    {
        var disk = StorageImages.Unpack(_scratch, "md1")[0];
        var before = Sha256.Of(disk);
        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(disk)], _scratch.Path))
        using (var mounted = machine.MountVolumes(machine.Volumes, MountOptions.ForWriting))
        {
            var mount = mounted.Mounts.Single();
            mount.Writable.Should().BeFalse();
            mount.Warning.Should().Contain("give all disks");
        }

        Sha256.Of(disk).Should().Equal(before);
    }
}
