using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Tests.Fixtures;
using Hyper2Kvm.Guest.Volumes;

namespace Hyper2Kvm.Guest.Tests.Volumes;

/// <summary>Disks that LVM and mdadm made, opened without either.</summary>
[Trait("speed", "slow")]
public sealed class VolumeImageTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("lvm-linear", "/dev/linear-vg/root-a", "lvm-linear", false)]
    [InlineData("lvm-linear", "/dev/linear-vg/single", "lvm-linear", true)]
    [InlineData("lvm-striped", "/dev/striped/data", "lvm-striped", false)]
    [InlineData("lvm-raid1", "/dev/raid1/data", "lvm-raid1", false)]
    [InlineData("lvm-mirror", "/dev/mirrored/data", "lvm-mirror", false)]
    [InlineData("lvm-raid-other", "/dev/others/zero", "lvm-raid0", false)]
    [InlineData("lvm-snapshot", "/dev/snapped/origin", "lvm-snapshot", true)]
    [InlineData("lvm-thin", "/dev/thinned/plain", "lvm-plain", true)]
    [InlineData("lvm-partition", "/dev/parted/root", "lvm-partition", true)]
    [InlineData("lvm-stale", "/dev/stale/new", "lvm-stale", true)]
    [InlineData("md0", "/dev/md/zero", "md0", false)]
    [InlineData("md0-zones", "/dev/md/zones", "md0-zones", false)]
    [InlineData("md1", "/dev/md/one", "md1", false)]
    [InlineData("md1-0.90", "/dev/md13", "md1-0.90", false)]
    [InlineData("md1-1.0", "/dev/md/one", "md1-1.0", false)]
    [InlineData("md1-1.1", "/dev/md/one", "md1-1.1", false)]
    [InlineData("md1-stale", "/dev/md/stale", "md1-stale", true)]
    [InlineData("md-linear", "/dev/md/joined", "md-linear", false)]
    [InlineData("lvm-on-md1", "/dev/stacked/root", "lvm-on-md1", false)]
    [InlineData("md-partitions", "/dev/md/parts2", "md-part2", false)]
    public void A_file_system_on_it_has_the_files_that_were_written_and_takes_new_ones(string image, string device, string name, bool isOnePiece)
    {
        var disks = StorageImages.Unpack(_scratch, image);
        using (var machine = GuestMachine.Open([.. disks.Select(disk => GuestDiskSource.Raw(disk, readOnly: true))], _scratch.Path))
        {
            var volume = Find(machine, device);
            (volume.Map is SpanMap).Should().Be(isOnePiece);
            using var tree = machine.NewTree(new MountOptions());
            Check(tree, volume, name);
        }

        using (var machine = GuestMachine.Open([.. disks.Select(disk => GuestDiskSource.Raw(disk))], _scratch.Path))
        {
            using var tree = machine.NewTree(new MountOptions { Writable = true });
            tree.Mount(Find(machine, device), "/", null);
            using (var files = tree.OpenFiles())
            {
                files.Write("/new", [.. Enumerable.Range(0, 3_000_000).Select(at => (byte)(at >> 8))]);
                files.Delete("/name");
            }

            tree.Trim().Should().BePositive();
            tree.Close();
        }

        using (var machine = GuestMachine.Open([.. disks.Select(disk => GuestDiskSource.Raw(disk, readOnly: true))], _scratch.Path))
        {
            var volume = Find(machine, device);
            using (var tree = machine.NewTree(new MountOptions()))
            {
                tree.Mount(volume, "/", null);
                using var files = tree.OpenFiles();
                files.Read("/new").Should().Equal(Enumerable.Range(0, 3_000_000).Select(at => (byte)(at >> 8)));
                files.Status("/name").Should().BeNull();
            }

            // Every copy by itself, as a degraded array would show it.
            ForEachCopy(volume.Map!, copy => Tool.Run("e2fsck", "-fn", copy));
        }

        HostState.Mounts().Should().NotContain(_scratch.Path);
        HostState.LoopBackingFiles().Should().NotContain(file => file.Contains(_scratch.Path));
    }

    [Theory]
    [InlineData("lvm-snapshot", "/dev/snapped/snap", "*a snapshot of origin*")]
    [InlineData("lvm-thin", "/dev/thinned/thin", "*thin*")]
    [InlineData("lvm-raid-other", "/dev/others/five", "*raid5*not opened*")]
    [InlineData("lvm-raid-other", "/dev/others/ten", "*raid10*not opened*")]
    [InlineData("lvm-raid-other", "/dev/others/slow", "*cache*lvconvert --uncache others/slow*")]
    [InlineData("lvm-exported", "/dev/exported/data", "*exported*vgimport exported*")]
    [InlineData("md5", "/dev/md/five", "*RAID 5*")]
    [InlineData("md10", "/dev/md/ten", "*RAID 10*")]
    public void What_is_not_opened_is_listed_with_its_size_and_the_reason(string image, string device, string reason)
    {
        using var machine = OpenReadOnly(StorageImages.Unpack(_scratch, image));

        var volume = Find(machine, device);

        volume.IsMapped.Should().BeFalse();
        volume.Problem.Should().Match(reason);
        volume.Content.Should().BeNull();
        volume.Length.Should().BeInRange(8 << 20, 256 << 20);
        using var tree = machine.NewTree(new MountOptions());
        tree.Invoking(mounts => mounts.Mount(volume, "/", null)).Should().Throw<MountFailure>().WithMessage(reason);
    }

    [Theory]
    [InlineData("lvm-thin", "/dev/thinned/thin", "lvm-thin")]
    [InlineData("md5", "/dev/md/five", "md5")]
    public void What_is_not_opened_here_the_appliance_opens(string image, string device, string name)
    {
        // Where KVM works, the appliance starts faster; where it only seems to, it hangs.
        Environment.SetEnvironmentVariable("LIBGUESTFS_BACKEND_SETTINGS", "force_tcg");
        using var machine = GuestMachine.Open(
            [.. StorageImages.Unpack(_scratch, image).Select(disk => GuestDiskSource.Raw(disk, readOnly: true))],
            _scratch.Path,
            new GuestOptions { Backend = GuestBackend.Appliance });
        var volume = Find(machine, device);

        (volume.IsMapped, volume.Content, volume.Problem).Should().Be((false, "ext4", null));
        using var tree = machine.NewTree(new MountOptions());
        Check(tree, volume, name);
    }

    [Theory]
    [InlineData("lvm-linear", 0, "/dev/linear-vg/root-a", "*none of the disks*")]
    [InlineData("lvm-linear", 0, "/dev/linear-vg/single", null)]
    [InlineData("lvm-striped", 1, "/dev/striped/data", "*none of the disks*")]
    [InlineData("md0", 0, "/dev/md/zero", "*1 of its 2 members*")]
    [InlineData("lvm-mirror", 1, "/dev/mirrored/data", "*none of the disks*")]
    public void A_disk_that_was_left_out_is_told_with_the_volumes_that_need_it(string image, int given, string device, string? reason)
    {
        using var machine = OpenReadOnly(StorageImages.Unpack(_scratch, image)[given]);

        var volume = Find(machine, device);

        volume.IsMapped.Should().Be(reason is null);
        if (reason is not null)
        {
            volume.Problem.Should().Match(reason);
        }
    }

    [Theory]
    [InlineData("lvm-raid1", 0, "/dev/raid1/data", "lvm-raid1")]
    [InlineData("lvm-raid1", 1, "/dev/raid1/data", "lvm-raid1")]
    [InlineData("md1", 0, "/dev/md/one", "md1")]
    [InlineData("md1", 1, "/dev/md/one", "md1")]
    public void One_of_two_copies_is_enough_and_the_other_is_missed_aloud(string image, int given, string device, string name)
    {
        using var machine = OpenReadOnly(StorageImages.Unpack(_scratch, image)[given]);
        var volume = Find(machine, device);
        using var tree = machine.NewTree(new MountOptions());

        Check(tree, volume, name);
        volume.Problem.Should().Contain("1 of its 2");
    }

    [Fact]
    public void A_copy_that_went_stale_is_left_out_and_never_written()
    {
        var disks = StorageImages.Unpack(_scratch, "md1-stale");
        var before = SHA256.HashData(File.ReadAllBytes(disks[1]));
        using (var machine = GuestMachine.Open([.. disks.Select(disk => GuestDiskSource.Raw(disk))], _scratch.Path))
        {
            var volume = Find(machine, "/dev/md/stale");
            volume.Problem.Should().Contain("/dev/sdb").And.Contain("stale");
            volume.Disks.Should().Equal(0);
            using var tree = machine.NewTree(new MountOptions { Writable = true });
            Check(tree, volume, "md1-stale");
        }

        SHA256.HashData(File.ReadAllBytes(disks[1])).Should().Equal(before);
    }

    [Fact]
    public void Two_groups_of_one_name_are_both_opened_and_the_name_is_given_to_neither()
    {
        using var machine = OpenReadOnly(StorageImages.Unpack(_scratch, "lvm-same-name"));
        var twins = machine.Volumes.Where(volume => volume.Kind == VolumeKind.Logical).ToList();

        twins.Should().HaveCount(2).And.OnlyContain(volume => volume.Content == "ext4");
        twins.Select(volume => volume.Device).Should().OnlyHaveUniqueItems().And.OnlyContain(name => name.StartsWith("/dev/disk/by-id/dm-uuid-LVM-"));
        DeviceSpec.Resolve("/dev/twin/data", machine.Volumes).Should().BeNull();
        DeviceSpec.Resolve($"UUID={twins[1].Uuid}", machine.Volumes).Should().Be(twins[1]);
    }

    [Fact]
    public void All_names_of_a_volume_mean_it_and_members_stay_listed()
    {
        using var machine = OpenReadOnly(StorageImages.Unpack(_scratch, "lvm-linear"));
        var volume = Find(machine, "/dev/linear-vg/root-a");

        foreach (var name in (string[])["/dev/mapper/linear--vg-root--a", "/dev/linear-vg/root-a", "/dev/disk/by-id/dm-name-linear--vg-root--a", $"UUID={volume.Uuid}", "LABEL=lvm-linear", $"/dev/disk/by-uuid/{volume.Uuid}"])
        {
            DeviceSpec.Resolve(name, machine.Volumes)!.Content.Should().Be("ext4", name);
        }

        machine.Volumes.Select(one => (one.Device, one.Content)).Should().Equal(
            ("/dev/sda", "LVM2_member"), ("/dev/sdb", "LVM2_member"), ("/dev/linear-vg/root-a", "ext4"), ("/dev/linear-vg/single", "ext4"));
    }

    [Fact]
    public void The_names_of_an_array_mean_it()
    {
        using var machine = OpenReadOnly(StorageImages.Unpack(_scratch, "md1"));
        var volume = Find(machine, "/dev/md/one");

        foreach (var name in (string[])["/dev/md127", "/dev/md/fixture:one", "/dev/disk/by-id/md-name-fixture:one", $"UUID={volume.Uuid}", .. volume.Names])
        {
            DeviceSpec.Resolve(name, machine.Volumes).Should().Be(volume, name);
        }

        Tool.Run("mdadm", "--examine", "--export", _scratch.File("md1.0.raw")).Should().Contain(volume.Names[^1].Split("md-uuid-")[1], "mdadm writes the identifier so");
        machine.Volumes.Where(one => one.Content == "linux_raid_member").Should().HaveCount(2);
    }

    private GuestMachine OpenReadOnly(params string[] disks) => GuestMachine.Open([.. disks.Select(disk => GuestDiskSource.Raw(disk, readOnly: true))], _scratch.Path);

    private static GuestVolume Find(GuestMachine machine, string device)
        => machine.Volumes.SingleOrDefault(volume => volume.Device == device)
            ?? throw new InvalidOperationException($"no {device} among {string.Join(", ", machine.Volumes.Select(volume => $"{volume.Device} {volume.Content} {volume.Problem}"))}");

    private static void Check(MountTree tree, GuestVolume volume, string name)
    {
        tree.Mount(volume, "/", null);
        using var files = tree.OpenFiles();
        Encoding.UTF8.GetString(files.Read("/name")).Should().Be($"{(volume.Device.EndsWith("single") ? "lvm-single" : name)}\n");
        foreach (var sum in Encoding.UTF8.GetString(files.Read("/sums")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var stream = files.OpenRead($"/{sum[66..]}");
            Convert.ToHexStringLower(SHA256.HashData(stream)).Should().Be(sum[..64], sum[66..]);
        }

        files.Read("/link", 1 << 30).Should().NotBeEmpty();
    }

    private void ForEachCopy(VolumeMap map, Action<string> check)
    {
        for (var copy = 0; copy < map.Copies; copy++)
        {
            var path = _scratch.File("copy");
            using (var file = File.Create(path))
            {
                var places = new List<VolumePlace>();
                var buffer = new byte[1 << 20];
                for (long offset = 0; offset < map.Length;)
                {
                    places.Clear();
                    var piece = buffer.AsSpan(0, (int)Math.Min(map.Locate(offset, places), buffer.Length));
                    places.Should().HaveCount(map.Copies);
                    places[copy].Store.ReadAt(piece, places[copy].Offset);
                    file.Write(piece);
                    offset += piece.Length;
                }
            }

            check(path);
            File.Delete(path);
        }
    }
}
