using System.Text;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests;

public sealed class OtherFileSystemTests : IDisposable
{
    private const long MiB = DiskImage.MiB;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Two_xfs_of_the_same_uuid_are_mounted_in_one_guest()
    {
        const string Uuid = "12121212-3434-5656-7878-909090909090";
        var disk = new DiskImage(_scratch, "a").Sized(800 * MiB).Partitioned("label: dos\nstart=1MiB, size=350MiB, type=83\nstart=400MiB, size=350MiB, type=83\n")
            .WithXfs(MiB, 350 * MiB, Prototype("/dev/sda2 /srv xfs defaults 0 0"), Uuid).WithXfs(400 * MiB, 350 * MiB, uuid: Uuid);
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        using var guest = machine.Mount(machine.ChooseSystem(), writable: true);

        guest.Mounts.Select(mount => mount.Type).Should().Equal("xfs", "xfs");
        guest.Files.Write("/srv/x", "1"u8);
        guest.Files.List("/srv").Should().Equal("x");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_btrfs_root_is_found_in_its_subvolume_or_in_its_default_one(bool isDefault)
    {
        var disk = new DiskImage(_scratch, "a").Sized(256 * MiB).WithBtrfs(0, 256 * MiB);
        FillSubvolumes(disk.Path, isDefault);
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        var system = machine.ChooseSystem();
        system.Subvolume.Should().Be(isDefault ? null : "subvol=@");

        using var guest = machine.Mount(system, writable: true);

        guest.Mounts.Select(mount => (mount.MountPoint, mount.Subvolume)).Should().Equal(("/", system.Subvolume), ("/home", "subvol=@home"));
        Encoding.UTF8.GetString(guest.Files.Read("/home/mine")).Should().Be("me");
        guest.Unmounted.Single().Reason.Should().Contain("no such subvolume");
    }

    [Fact]
    public void A_dirty_journal_is_passed_over_where_the_disk_may_not_be_written_and_the_disk_stays_as_it_is()
    {
        var disk = new DiskImage(_scratch, "a").Sized(64 * MiB).WithExt(0, 64 * MiB, LinuxTree.Make(_scratch, string.Empty));

        // s_feature_incompat with RECOVER: as after a crash.
        Tool.Run("debugfs", "-w", "-R", "feature needs_recovery", disk.Path);
        var before = Tool.Run("sha256sum", disk.Path);

        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path, readOnly: true)], _scratch.Path))
        using (var guest = machine.Mount(machine.ChooseSystem(), writable: false))
        {
            guest.Mounts.Single().Options.Should().Be("errors=remount-ro,noload");
            guest.Files.List("/home").Should().BeEmpty();
        }

        Tool.Run("sha256sum", disk.Path).Should().Be(before);
    }

    [Fact]
    public void A_superblock_that_asks_for_a_panic_on_errors_is_overruled()
    {
        var disk = new DiskImage(_scratch, "a").Sized(64 * MiB).WithExt(0, 64 * MiB, LinuxTree.Make(_scratch, string.Empty));
        Tool.Run("tune2fs", "-e", "panic", disk.Path);
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        using var guest = machine.Mount(machine.ChooseSystem(), writable: true);

        guest.Mounts.Single().Options.Should().Be("errors=remount-ro");
    }

    [Fact]
    public void An_efi_system_partition_is_read_and_written_without_a_driver_of_the_host()
    {
        var tree = LinuxTree.Make(_scratch, "/dev/sda1 /boot/efi vfat umask=0077 0 1\n", directories: "boot/efi");
        var disk = new DiskImage(_scratch, "a").Sized(128 * MiB).Partitioned("label: gpt\nstart=1MiB, size=40MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B\nstart=48MiB, size=64MiB\n")
            .WithFat(MiB, 40 * MiB).WithExt(48 * MiB, 64 * MiB, tree);
        using var server = NbdkitDisk.Serve(disk.Path, _scratch.File("in0"));
        using (var machine = GuestMachine.Open([GuestDiskSource.Socket(_scratch.File("in0"))], _scratch.Path))
        {
            var fat = machine.OpenFat(machine.Volumes[0]);
            fat.List("/EFI").Should().BeEmpty();
            fat.Read("/EFI/BOOT/BOOTX64.EFI").Should().BeNull();
            fat.Write("/EFI/debian/shimx64.efi", "one"u8);
            fat.Write("/EFI/debian/shimx64.efi", "shim"u8);
            fat.Write("/EFI/debian/a long name.cfg", "x"u8);
        }

        using (var machine = GuestMachine.Open([GuestDiskSource.Socket(_scratch.File("in0"))], _scratch.Path))
        {
            var fat = machine.OpenFat(machine.Volumes[0]);
            fat.List("/EFI/debian").Should().Equal("a long name.cfg", "shimx64.efi");
            Encoding.UTF8.GetString(fat.Read("/efi/DEBIAN/shimx64.efi")!).Should().Be("shim");
            fat.Invoking(files => files.Read("/EFI/debian/shimx64.efi", limit: 3)).Should().Throw<GuestFileException>();
            fat.Invoking(files => files.Read("/EFI/*/shimx64.efi")).Should().Throw<GuestFileException>();
        }
    }

    [Theory]
    [InlineData("/dev/sda1 /boot/efi vfat umask=0077 0 1\n", "/boot/efi", "boot/efi")]
    [InlineData("", "/efi", "efi")]
    [InlineData("", "/boot/efi", "boot/efi")]
    public void An_efi_system_partition_is_in_its_place_in_the_guest_whether_fstab_names_it_or_not(string fstab, string point, string directory)
    {
        var tree = LinuxTree.Make(_scratch, fstab, directories: directory);
        File.WriteAllText(Path.Combine(tree, "boot/there"), "x");
        var disk = new DiskImage(_scratch, "a").Sized(128 * MiB).Partitioned("label: gpt\nstart=1MiB, size=40MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B\nstart=48MiB, size=64MiB\n")
            .WithFat(MiB, 40 * MiB).WithExt(48 * MiB, 64 * MiB, tree);
        for (var run = 0; run < 2; run++)
        {
            using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
            using var guest = machine.Mount(machine.ChooseSystem(), writable: true);
            guest.Mounts.Select(mount => (mount.MountPoint, mount.Volume.Device, mount.Writable)).Should().Equal(("/", "/dev/sda2", true), (point, "/dev/sda1", true));
            guest.Unmounted.Should().BeEmpty();
            var loader = $"{point}/EFI/Linux/A long name.efi";
            if (run == 0)
            {
                guest.Files.Write($"{loader}.new", "two words"u8);
                guest.Files.Write(loader, "x"u8);
                guest.Files.Rename($"{loader}.new", loader);
                guest.Files.Copy("/boot/there", $"{point}/EFI/copy");
                guest.Files.Invoking(files => files.Copy("/boot/there", $"{point}/EFI/copy")).Should().Throw<GuestFileException>();
                guest.Files.Delete($"{point}/EFI/copy");
            }

            guest.Files.List(point).Should().Equal("EFI");
            guest.Files.List($"{point}/EFI/Linux").Should().Equal("A long name.efi");
            guest.Files.Status($"{point}/EFI")!.Kind.Should().Be(GuestFileKind.Directory);
            guest.Files.Status(loader)!.Length.Should().Be(9);
            guest.Files.Status($"{point}/EFI/none").Should().BeNull();
            guest.Files.Read(loader).Should().Equal("two words"u8.ToArray());
            guest.Files.FreeBytes(point).Should().BeInRange(30 * MiB, 40 * MiB);
        }
    }

    [Fact]
    public void A_damaged_file_system_is_named_with_its_kind()
    {
        var disk = new DiskImage(_scratch, "a").Sized(64 * MiB).WithExt(0, 64 * MiB, LinuxTree.Make(_scratch, string.Empty));
        using (var file = File.OpenHandle(disk.Path, access: FileAccess.ReadWrite))
        {
            // The group descriptors: with blocks of 1 KiB they follow the superblock.
            RandomAccess.Write(file, Enumerable.Repeat((byte)0xA5, 64 * 1024).ToArray(), 2048);
        }

        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);

        machine.Invoking(opened => opened.ChooseSystem()).Should().Throw<Core.Errors.StepException>().WithMessage("*/dev/sda (*ext4*damaged*");
    }

    /// <summary>btrfs subvolumes can only be made on a mounted one: in a namespace of their own, by the engine's own loop devices.</summary>
    private void FillSubvolumes(string image, bool isDefault)
    {
        var tree = LinuxTree.Make(_scratch, "/dev/sda / btrfs subvol=@ 0 0\n/dev/sda /home btrfs subvol=@home 0 0\n/dev/sda /var/gone btrfs subvol=@gone 0 0\n", directories: "var/gone");
        var mountPoint = Directory.CreateDirectory(_scratch.File("btrfs")).FullName;
        Tool.Run("unshare", "--mount", "sh", "-ec", """
            mount -o loop "$1" "$2"
            btrfs -q subvolume create "$2/@"
            btrfs -q subvolume create "$2/@home"
            cp -a "$3/." "$2/@/"
            printf me > "$2/@home/mine"
            if [ "$4" = True ]; then btrfs subvolume set-default "$2/@"; fi
            umount "$2"
            """, "sh", image, mountPoint, tree, isDefault.ToString());
    }

    /// <summary>A file of mkfs.xfs -p with the files of a Linux system.</summary>
    private string Prototype(string fstab)
    {
        var tree = LinuxTree.Make(_scratch, fstab);
        var path = _scratch.File("prototype");
        File.WriteAllText(path, $"""
            /
            0 0
            d--755 0 0
            etc d--755 0 0
            fstab ---644 0 0 {tree}/etc/fstab
            $
            usr d--755 0 0
            lib d--755 0 0
            os-release ---644 0 0 {tree}/usr/lib/os-release
            $
            $
            srv d--755 0 0
            $
            $

            """);
        return path;
    }
}
