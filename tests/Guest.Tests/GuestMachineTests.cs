using System.Text;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests;

public sealed class GuestMachineTests : IDisposable
{
    private const long MiB = DiskImage.MiB;
    private const string BootUuid = "11111111-2222-3333-4444-555555555555";

    private const string GptScript = """
        label: gpt
        start=1MiB, size=16MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name="EFI System"
        start=17MiB, size=64MiB, type=linux, name=boot
        start=81MiB, size=16MiB, type=swap
        start=97MiB, size=158MiB, type=linux, uuid=99999999-8888-7777-6666-555555555555
        """;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_gpt_guest_behind_nbd_is_opened_found_mounted_by_its_fstab_and_written_into_the_overlay_only()
    {
        var disk = FourPartitions();
        var before = Sha256.Of(disk.Path);
        using var server = NbdkitDisk.Serve(disk.Path, _scratch.File("in0"));

        using (var machine = GuestMachine.Open([GuestDiskSource.Socket(_scratch.File("in0"))], _scratch.Path))
        {
            machine.Volumes.Select(volume => (volume.Device, volume.Content)).Should()
                .Equal(("/dev/sda1", "vfat"), ("/dev/sda2", "ext4"), ("/dev/sda3", "swap"), ("/dev/sda4", "ext4"));
            machine.Firmware.Should().Be(Firmware.Uefi);

            var system = machine.ChooseSystem();
            system.Volume.Device.Should().Be("/dev/sda4");
            system.Architecture.Should().Be("x86_64");
            system.Like.Should().Equal("debian", "other");
            system.OperatingSystem.Should().Be(new OperatingSystemMetadata
            {
                Family = "linux",
                Distribution = "debian",
                Version = "12",
                ProductName = "Test GNU/Linux 12 (\"x\")",
                HostName = "guest1",
                Root = "/dev/sda4",
            });

            using var guest = machine.Mount(system, writable: true);
            guest.Mounts.Select(mount => (mount.Volume.Device, mount.MountPoint)).Should().Equal(("/dev/sda4", "/"), ("/dev/sda2", "/boot"));
            guest.Unmounted.Select(left => left.MountPoint).Should().BeEquivalentTo(["/data", "/boot/efi"]);
            guest.Files.List("/boot").Should().Equal("lost+found", "vmlinuz");
            guest.Files.Write("/boot/new", "hello"u8);
            guest.Files.Write("/etc/hostname", "guest2\n"u8);
            guest.Trim().Should().BePositive();
            guest.Close();
        }

        using (var machine = GuestMachine.Open([GuestDiskSource.Socket(_scratch.File("in0"), readOnly: true)], _scratch.Path))
        using (var guest = machine.Mount(machine.ChooseSystem("/dev/sda4"), writable: false))
        {
            Encoding.UTF8.GetString(guest.Files.Read("/boot/new")).Should().Be("hello");
            guest.System.OperatingSystem.HostName.Should().Be("guest2");
        }

        Sha256.Of(disk.Path).Should().Equal(before);
        Directory.Exists(_scratch.File("guest")).Should().BeFalse();
        HostState.Mounts().Should().NotContain(_scratch.Path);
        HostState.LoopBackingFiles().Should().NotContain(file => file.Contains(_scratch.Path));
    }

    [Fact]
    public void An_mbr_guest_on_two_raw_disks_finds_its_volumes_by_device_names_over_both()
    {
        var tree = LinuxTree.Make(_scratch, "/dev/sda5 / ext4 defaults 0 1\n/dev/sdb1 /srv/data ext3 defaults 0 2\nUUID=none /gone ext4 nofail 0 0\n", directories: "srv/data");
        var first = new DiskImage(_scratch, "a").Sized(128 * MiB)
            .Partitioned("label: dos\nlabel-id: 0xcafe0001\nstart=1MiB, size=100MiB, type=5\nstart=2MiB, size=64MiB, type=83\n".Replace("start=2MiB", "5 : start=2MiB"))
            .WithExt(2 * MiB, 64 * MiB, tree);
        var second = new DiskImage(_scratch, "b").Sized(64 * MiB).Partitioned("label: dos\nstart=1MiB, size=32MiB, type=83\n").WithExt(MiB, 32 * MiB, type: "ext3");

        using var machine = GuestMachine.Open([GuestDiskSource.Raw(first.Path), GuestDiskSource.Raw(second.Path)], _scratch.Path);
        machine.Volumes[0].PartitionUuid.Should().Be("cafe0001-05");
        machine.Firmware.Should().Be(Firmware.Bios);
        using var guest = machine.Mount(machine.ChooseSystem(), writable: true);

        guest.Mounts.Select(mount => (mount.Volume.Device, mount.MountPoint, mount.Type)).Should()
            .Equal(("/dev/sda5", "/", "ext4"), ("/dev/sdb1", "/srv/data", "ext3"));
        guest.Unmounted.Single().Reason.Should().Contain("UUID=none");
        guest.Files.Write("/srv/data/x", "1"u8);
        guest.Files.FreeBytes("/srv/data/not/yet").Should().BeInRange(MiB, 32 * MiB);
    }

    [Fact]
    public void A_needed_file_system_that_is_missing_ends_with_its_name()
    {
        var tree = LinuxTree.Make(_scratch, "UUID=00000000-dead-beef-0000-000000000000 /boot ext4 defaults 0 2\n");
        var disk = new DiskImage(_scratch, "a").Sized(64 * MiB).WithExt(0, 64 * MiB, tree);

        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        var mounting = () => machine.Mount(machine.ChooseSystem(), writable: true);

        mounting.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertMount && failure.Message.Contains("dead-beef"));
        HostState.LoopBackingFiles().Should().NotContain(disk.Path);
    }

    [Fact]
    public void Closing_waits_for_a_file_that_a_starting_child_holds_for_a_moment()
    {
        var disk = new DiskImage(_scratch, "a").Sized(64 * MiB).WithExt(0, 64 * MiB, LinuxTree.Make(_scratch, string.Empty));
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        var guest = machine.Mount(machine.ChooseSystem(), writable: true);
        var held = guest.Files.OpenRead("/etc/os-release");

        using var closed = new ManualResetEventSlim();
        Exception? failure = null;
        var closing = new Thread(() =>
        {
            failure = Record.Exception(guest.Close);
            closed.Set();
        });
        closing.Start();
        var tooEarly = closed.Wait(TimeSpan.FromMilliseconds(200));
        held.Dispose();
        closing.Join();

        tooEarly.Should().BeFalse("the file was still open");
        failure.Should().BeNull();
    }

    [Fact]
    public void A_mount_point_that_is_a_link_out_of_the_guest_stays_inside()
    {
        var tree = LinuxTree.Make(_scratch, "/dev/sda2 /boot ext4 defaults 0 2\n");
        Directory.Delete(Path.Combine(tree, "boot"));
        File.CreateSymbolicLink(Path.Combine(tree, "boot"), "/../../../../var");
        var disk = new DiskImage(_scratch, "a").Sized(128 * MiB).Partitioned("label: dos\nstart=1MiB, size=40MiB, type=83\nstart=48MiB, size=40MiB, type=83\n")
            .WithExt(MiB, 40 * MiB, tree).WithExt(48 * MiB, 40 * MiB);
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        using var guest = machine.Mount(machine.ChooseSystem(), writable: false);

        guest.Files.List("/var").Should().Equal("lost+found");
    }

    [Fact]
    public void A_server_that_dies_while_the_guest_is_written_makes_the_close_fail()
    {
        var disk = new DiskImage(_scratch, "a").Sized(64 * MiB).WithExt(0, 64 * MiB, LinuxTree.Make(_scratch, string.Empty));
        using var server = NbdkitDisk.Serve(disk.Path, _scratch.File("in0"));
        using var machine = GuestMachine.Open([GuestDiskSource.Socket(_scratch.File("in0"))], _scratch.Path);
        var guest = machine.Mount(machine.ChooseSystem(), writable: true);

        guest.Files.Write("/etc/x", "1"u8);
        Tool.Run("kill", "-KILL", server.ProcessId.ToString());

        guest.Invoking(mounted => mounted.Close()).Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertDisk);
    }

    [Fact]
    public void A_socket_that_nobody_serves_is_named()
    {
        var opening = () => GuestMachine.Open([GuestDiskSource.Socket(_scratch.File("nobody"))], _scratch.Path, new GuestOptions { Retries = new AttachRetries { Attempts = 1 } });

        opening.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertDisk && failure.Message.Contains("nobody"));
        Directory.Exists(_scratch.File("guest")).Should().BeFalse();
    }

    [Fact]
    public void Guests_opened_side_by_side_do_not_take_each_others_loop_devices()
    {
        var images = Enumerable.Range(0, 6).Select(number => new DiskImage(_scratch, $"disk{number}").Sized(48 * MiB)
            .WithExt(0, 48 * MiB, LinuxTree.Make(_scratch, string.Empty, name: $"tree{number}", id: $"id{number}"))).ToArray();

        var found = new string?[images.Length];
        var threads = images.Select((image, number) => new Thread(() =>
        {
            using var machine = GuestMachine.Open([GuestDiskSource.Raw(image.Path)], Directory.CreateDirectory(_scratch.File($"work{number}")).FullName);
            using var guest = machine.Mount(machine.ChooseSystem(), writable: true);
            guest.Files.Write("/etc/number", Encoding.UTF8.GetBytes($"{number}"));
            found[number] = guest.System.OperatingSystem.Distribution;
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        found.Should().Equal(Enumerable.Range(0, 6).Select(number => $"id{number}"));
        for (var number = 0; number < images.Length; number++)
        {
            Tool.Run("debugfs", "-R", "cat /etc/number", images[number].Path).Should().Be($"{number}");
        }
    }

    private DiskImage FourPartitions()
    {
        var tree = LinuxTree.Make(
            _scratch,
            $"PARTUUID=99999999-8888-7777-6666-555555555555 / ext4 errors=remount-ro 0 1\nUUID={BootUuid} /boot ext4 defaults 0 2\n"
            + "/dev/disk/by-partlabel/EFI\\x20System /boot/efi vfat umask=0077 0 1\n/dev/sdb1 /data ext4 defaults 0 2\n/dev/sda3 none swap sw 0 0\ntmpfs /tmp tmpfs defaults 0 0\n");
        var boot = Directory.CreateDirectory(_scratch.File("boot")).FullName;
        File.WriteAllText(Path.Combine(boot, "vmlinuz"), "kernel");
        return new DiskImage(_scratch, "gpt").Sized(256 * MiB).Partitioned(GptScript)
            .WithFat(MiB, 16 * MiB)
            .WithExt(17 * MiB, 64 * MiB, boot, uuid: BootUuid)
            .WithSwap(81 * MiB, 16 * MiB, "22222222-2222-3333-4444-555555555555")
            .WithExt(97 * MiB, 158 * MiB, tree);
    }
}
