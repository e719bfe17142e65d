using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Mounting;

public sealed class FallbackTests : IDisposable
{
    private const long MiB = DiskImage.MiB;
    private const string TwoPartitions = "label: dos\nstart=1MiB, size=64MiB, type=83\nstart=80MiB, size=40MiB, type=83\n";

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_root_that_can_only_be_read_stops_a_conversion_with_the_reason_and_is_still_looked_at()
    {
        var disk = new DiskImage(_scratch, "a").Sized(64 * MiB).WithExt(0, 64 * MiB, LinuxTree.Make(_scratch, string.Empty));
        SetUnknownReadOnlyFeature(disk.Path, 0);
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        var system = machine.ChooseSystem();

        machine.Invoking(opened => opened.Mount(system, writable: true)).Should().Throw<StepException>()
            .Where(failure => failure.Code == ErrorCodes.ConvertMount)
            .WithMessage("/dev/sda cannot be mounted for writing on /, only read-only (the ext4 file system is damaged, or has features*");
        using var guest = machine.Mount(system, writable: false);
        guest.Files.List("/etc").Should().Contain("fstab");
        HostState.Mounts().Should().NotContain(_scratch.Path);
    }

    [Fact]
    public void A_data_file_system_that_can_only_be_read_is_mounted_so_and_says_why()
    {
        var disk = TwoExt("/dev/sda2 /home ext4 defaults 0 2\n");
        SetUnknownReadOnlyFeature(disk.Path, 80 * MiB);
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        using var guest = machine.Mount(machine.ChooseSystem(), writable: true);

        var home = guest.Mounts[1];
        (home.Writable, home.Way).Should().Be((false, MountWay.ReadOnly));
        home.Fallback.Should().StartWith("read-only (the ext4 file system is damaged, or has features");
        home.Attempts.Select(attempt => attempt.Way).Should().Equal(MountWay.Normal, MountWay.ReadOnly);
    }

    [Fact]
    public void A_damaged_journal_is_passed_over_after_all_else_failed()
    {
        var disk = TwoExt("/dev/sda2 /home ext4 defaults 0 2\n");
        DamageJournal(disk.Path, 80 * MiB);
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        using var guest = machine.Mount(machine.ChooseSystem(), writable: true);

        var home = guest.Mounts[1];
        home.Attempts.Select(attempt => attempt.Way).Should().Equal(MountWay.Normal, MountWay.ReadOnly, MountWay.WithoutJournal);
        home.Options.Should().EndWith("noload");
        home.Fallback.Should().StartWith("read-only without its journal (");
    }

    [Fact]
    public void An_xfs_with_a_dirty_log_on_a_disk_that_may_not_be_written_is_mounted_without_recovery()
    {
        var disk = new DiskImage(_scratch, "a").Sized(350 * MiB).WithXfs(0, 350 * MiB);
        Tool.Run("unshare", "--mount", "sh", "-ec", """
            mount -o loop "$1" "$2"
            touch "$2/file"
            sync -f "$2"
            touch "$2/late"
            xfs_io -x -c 'shutdown -f' "$2"
            umount "$2"
            """, "sh", disk.Path, Directory.CreateDirectory(_scratch.File("xfs")).FullName);
        var before = Tool.Run("sha256sum", disk.Path);
        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path, readOnly: true)], _scratch.Path))
        using (var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ReadOnly))
        {
            var mount = volumes.Mounts.Single();
            (mount.Way, mount.Options).Should().Be((MountWay.WithoutJournal, "nouuid,norecovery"));
            mount.Attempts[0].Failure.Should().Contain("journal of the xfs file system would have to be replayed");
        }

        Tool.Run("sha256sum", disk.Path).Should().Be(before);
    }

    [Fact]
    public void An_ext4_with_its_error_flag_set_is_mounted_and_warned_about()
    {
        var disk = TwoExt("/dev/sda2 /home ext4 defaults 0 2\n");
        Tool.Run("sh", "-c", $"debugfs -w -R 'ssv state 3' '{disk.Path}?offset={80 * MiB}' && debugfs -w -R 'ssv error_count 7' '{disk.Path}?offset={80 * MiB}'");
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        using var guest = machine.Mount(machine.ChooseSystem(), writable: true);

        guest.Mounts[0].Warning.Should().BeNull();
        guest.Mounts[1].Warning.Should().Contain("error flag").And.Contain("e2fsck");
    }

    [Fact]
    public void A_superblock_that_counts_more_blocks_than_the_volume_has_is_refused_and_the_rest_of_the_guest_goes_on()
    {
        var disk = TwoExt("/dev/sda2 /home ext4 nofail 0 2\n");
        Tool.Run("debugfs", "-w", "-R", "ssv blocks_count 99999999", $"{disk.Path}?offset={80 * MiB}");
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        using var guest = machine.Mount(machine.ChooseSystem(), writable: true);

        guest.Unmounted.Single().Reason.Should().Contain("damaged");
        machine.Unusable.Keys.Select(volume => volume.Device).Should().Equal("/dev/sda2");
    }

    [Fact]
    public void Mount_points_are_mounted_by_depth_whatever_the_order_of_fstab_and_with_many_workers()
    {
        var tree = LinuxTree.Make(_scratch, "/dev/sda3 /srv/a/b ext2 defaults 0 2\n/dev/sda2 /srv ext2 defaults 0 2\n/dev/sda5 /boot ext2 defaults 0 2\n/dev/sda6 /linked ext2 defaults 0 2\n", directories: "srv");
        File.CreateSymbolicLink(Path.Combine(tree, "linked"), "srv/inner");
        var inner = Directory.CreateDirectory(_scratch.File("inner")).FullName;
        Directory.CreateDirectory(Path.Combine(inner, "a/b"));
        Directory.CreateDirectory(Path.Combine(inner, "inner"));
        var disk = new DiskImage(_scratch, "a").Sized(140 * MiB).Partitioned("label: dos\nstart=1MiB, size=64MiB, type=83\nstart=70MiB, size=8MiB, type=83\nstart=80MiB, size=8MiB, type=83\nstart=90MiB, size=40MiB, type=5\nstart=91MiB, size=8MiB, type=83\nstart=101MiB, size=8MiB, type=83\n")
            .WithExt(MiB, 64 * MiB, tree).WithExt(70 * MiB, 8 * MiB, inner, "ext2").WithExt(80 * MiB, 8 * MiB, type: "ext2").WithExt(91 * MiB, 8 * MiB, type: "ext2").WithExt(101 * MiB, 8 * MiB, type: "ext2");

        for (var workers = 1; workers <= 8; workers *= 2)
        {
            using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path, readOnly: true)], _scratch.Path, new GuestOptions { Workers = workers });
            using var guest = machine.Mount(machine.ChooseSystem(), writable: false);

            guest.Mounts.Select(mount => mount.MountPoint).Should().Equal("/", "/srv", "/boot", "/linked", "/srv/a/b");
            guest.Files.List("/srv").Should().Equal("a", "inner", "lost+found");
            guest.Files.List("/srv/a/b").Should().Equal("lost+found");
            guest.Files.List("/srv/inner").Should().Equal(["lost+found"], "the link of the same depth is followed after /srv is there");
        }
    }

    private DiskImage TwoExt(string fstab)
        => new DiskImage(_scratch, "a").Sized(128 * MiB).Partitioned(TwoPartitions).WithExt(MiB, 64 * MiB, LinuxTree.Make(_scratch, fstab)).WithExt(80 * MiB, 40 * MiB);

    /// <summary>A feature that lets old kernels read and not write; none has bit 30.</summary>
    private static void SetUnknownReadOnlyFeature(string image, long offset)
    {
        using var file = File.OpenHandle(image);
        var features = new byte[4];
        RandomAccess.Read(file, features, offset + 1024 + 100);
        Tool.Run("debugfs", "-w", "-R", $"ssv feature_ro_compat 0x{BitConverter.ToUInt32(features) | 0x4000_0000:x}", $"{image}?offset={offset}");
    }

    private static void DamageJournal(string image, long offset)
    {
        var block = long.Parse(Tool.Run("debugfs", "-R", "bmap <8> 0", $"{image}?offset={offset}").Trim());
        var bytes = int.Parse(Tool.Run("sh", "-c", $"dumpe2fs -h '{image}?offset={offset}' 2>/dev/null | sed -n 's/^Block size: *//p'"));
        using var file = File.Open(image, FileMode.Open);
        file.Position = offset + (block * bytes);
        file.Write(new byte[bytes]);
    }
}
