using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Caching;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Caching;

public sealed class CacheTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly ImmediateClock _clock = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void What_was_read_is_kept_for_its_time()
    {
        var cache = Cache(TimeSpan.FromSeconds(60), out var counter);
        var reads = 0;

        for (var second = 0; second < 120; second += 20)
        {
            cache.Get("a", _ => ++reads).Should().Be(second < 60 ? 1 : 2);
            _clock.Advance(TimeSpan.FromSeconds(20));
        }

        counter.Count.Should().Be(new CacheCount("test", 4, 2));
    }

    [Fact]
    public void What_was_read_before_a_drop_is_not_kept_after_it()
    {
        var cache = Cache(TimeSpan.FromSeconds(60), out _);

        cache.Get("a", _ =>
        {
            cache.Drop();
            return 1;
        }).Should().Be(1);

        cache.Get("a", _ => 2).Should().Be(2);
    }

    [Fact]
    public void A_time_of_zero_keeps_nothing()
    {
        var cache = Cache(TimeSpan.Zero, out var counter);
        cache.Get("a", _ => 1);
        cache.Get("a", _ => 2).Should().Be(2);
        counter.Count.Hits.Should().Be(0);
    }

    [Fact]
    public void Partition_lists_and_probes_come_from_memory_until_their_times_are_over_or_they_are_dropped()
    {
        var disk = Disk();
        using var machine = Open(disk);
        var volume = machine.Volumes[0];
        for (var time = 0; time < 5; time++)
        {
            machine.ListPartitions(0).Partitions.Should().HaveCount(1);
        }

        for (var time = 0; time < 10; time++)
        {
            machine.Probe(volume).Content.Should().Be("ext4");
        }

        machine.CacheCounts.Should().Equal(new CacheCount("partitions", 5, 1), new CacheCount("probes", 10, 1), new CacheCount("directories", 0, 0));

        Tool.Run("tune2fs", "-L", "other", $"{disk.Path}?offset={DiskImage.MiB}");
        machine.Probe(volume).Label.Should().BeNull("it is kept for 120 s");
        _clock.Advance(TimeSpan.FromSeconds(61));
        machine.ListPartitions(0);
        machine.CacheCounts[0].Misses.Should().Be(2);
        machine.DropCaches();
        machine.Probe(volume).Label.Should().Be("other");
    }

    [Fact]
    public void A_writable_mount_drops_probes_and_keeps_none_until_it_is_closed()
    {
        var disk = Disk();
        using var machine = Open(disk);
        using (var guest = machine.Mount(machine.ChooseSystem(), MountOptions.ForWriting))
        {
            machine.Probe(machine.Volumes[0]);
            machine.Probe(machine.Volumes[0]);
            machine.CacheCounts[1].Hits.Should().Be(0);
            guest.Close();
        }

        machine.Probe(machine.Volumes[0]);
        machine.CacheCounts[1].Should().Be(new CacheCount("probes", 0, 2));
    }

    [Fact]
    public void Directories_are_read_once_and_again_after_any_change_in_the_tree()
    {
        using var machine = Open(Disk());
        using var guest = machine.Mount(machine.ChooseSystem(), MountOptions.ForWriting);
        var before = machine.CacheCounts[2].Misses;
        guest.Files.List("/etc").Should().NotContain("new");
        guest.Files.List("/etc").Should().NotContain("new");
        machine.CacheCounts[2].Misses.Should().Be(before + 1);

        guest.Files.Write("/etc/new", "x"u8);
        guest.Files.List("/etc").Should().Contain("new");
        guest.Files.Rename("/etc/new", "/etc/newer");
        guest.Files.List("/etc").Should().Contain("newer");
        guest.Files.Copy("/etc/newer", "/home/copy");
        guest.Files.List("/home").Should().Equal("copy");
        guest.Files.Link("/home/link", "copy");
        guest.Files.List("/home").Should().Equal("copy", "link");
        guest.Files.Delete("/home/copy");
        guest.Files.List("/home").Should().Equal("link");
    }

    private TimedCache<string, int> Cache(TimeSpan keep, out CacheCounter counter) => new(keep, _clock, counter = new CacheCounter("test"));

    private DiskImage Disk()
        => new DiskImage(_scratch, "a").Sized(64 * DiskImage.MiB).Partitioned("label: dos\nstart=1MiB, size=60MiB, type=83\n").WithExt(DiskImage.MiB, 60 * DiskImage.MiB, LinuxTree.Make(_scratch, string.Empty));

    private GuestMachine Open(DiskImage disk) => GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path, new GuestOptions { Clock = _clock });
}
