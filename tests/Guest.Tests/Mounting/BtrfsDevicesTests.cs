using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Mounting;

/// <summary>The kernel knows the devices of a btrfs by a UUID, which a clone shares.</summary>
public sealed class BtrfsDevicesTests : IDisposable
{
    private const long Size = 128 * DiskImage.MiB;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_btrfs_of_two_devices_is_refused_with_what_helps_and_a_clone_that_the_host_knows_is_not_written()
    {
        var disks = new[] { "a", "b", "clone" }.Select(name => new DiskImage(_scratch, name).Sized(Size).Path).ToArray();
        MakeMirror(disks[0], disks[1]);
        File.Copy(disks[1], disks[2], overwrite: true);
        var before = Sha256.Of(disks);
        using (var file = File.OpenHandle(disks[2], access: FileAccess.ReadWrite))
        using (var clone = LoopDevice.Create(file, 0, Size, readOnly: false, "clone"))
        {
            Tool.Run("btrfs", "device", "scan", clone.Path);
            try
            {
                using var machine = GuestMachine.Open([GuestDiskSource.Raw(disks[0]), GuestDiskSource.Raw(disks[1])], _scratch.Path);
                machine.Volumes.Should().OnlyContain(volume => volume.Problem!.Contains("2 devices"));

                machine.Invoking(opened => opened.Mount(opened.ChooseSystem("first"), writable: true).Dispose()).Should().Throw<StepException>()
                    .Where(failure => failure.Code == ErrorCodes.ConvertMount).WithMessage("*a btrfs of 2 devices*btrfs device remove*");
            }
            finally
            {
                BtrfsDevices.Forget(clone.Path);
            }
        }

        Sha256.Of(disks).Should().Equal(before);
    }

    [Fact]
    public void A_clone_that_is_mounted_at_the_same_time_is_not_written()
    {
        var tree = LinuxTree.Make(_scratch, string.Empty);
        var disk = new DiskImage(_scratch, "a").Sized(Size).WithBtrfs(0, Size, tree);
        var template = _scratch.File("template");
        File.Copy(disk.Path, template);
        using var other = GuestMachine.Open([GuestDiskSource.Raw(template, readOnly: true)], _scratch.File("other"));
        using var mounted = other.Mount(other.ChooseSystem(), writable: false);
        var before = Sha256.Of(template, disk.Path);

        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.File("work")))
        using (var guest = machine.Mount(machine.ChooseSystem(), writable: true))
        {
            guest.Files.Write("/etc/new", "x"u8);
        }

        var after = Sha256.Of(template, disk.Path);
        after[0].Should().Be(before[0]);
        after[1].Should().NotBe(before[1]);
    }

    [Fact]
    public void What_is_mounted_is_known_by_its_device()
    {
        var disk = new DiskImage(_scratch, "a").Sized(Size).WithBtrfs(0, Size, LinuxTree.Make(_scratch, string.Empty));
        var mirror = new[] { "b", "c" }.Select(name => new DiskImage(_scratch, name).Sized(Size).Path).ToArray();
        MakeMirror(mirror[0], mirror[1]);
        using var mounts = MountNamespace.Create(_scratch.File("mounts"));

        mounts.Run(() =>
        {
            IsOnly(mounts, [disk.Path], device => device).Should().BeTrue();
            IsOnly(mounts, [disk.Path], device => device + "0").Should().BeFalse();
            IsOnly(mounts, mirror, device => device).Should().BeFalse();
        });
    }

    private static bool IsOnly(MountNamespace mounts, string[] images, Func<string, string> asked)
    {
        var devices = images.Select(image =>
        {
            using var file = File.OpenHandle(image);
            return LoopDevice.Create(file, 0, Size, readOnly: true, image);
        }).ToList();
        var point = Directory.CreateDirectory(Path.Combine(mounts.Directory, "point")).FullName;
        try
        {
            devices.ForEach(device => Tool.Run("btrfs", "device", "scan", device.Path));
            Native.NativeMethods.Mount(devices[0].Path, point, "btrfs", Native.NativeMethods.MountReadOnly, null).Should().Be(0);
            using var root = new Microsoft.Win32.SafeHandles.SafeFileHandle(Native.NativeMethods.Open(point, Native.NativeMethods.OpenReadOnly | Native.NativeMethods.OpenDirectory, 0), ownsHandle: true);
            return BtrfsDevices.IsOnly(root, asked(devices[0].Path));
        }
        finally
        {
            _ = Native.NativeMethods.Unmount(point, 0);
            devices.ForEach(device => BtrfsDevices.Forget(device.Path));
            devices.ForEach(device => device.Dispose());
        }
    }

    private void MakeMirror(string first, string second)
        => Tool.Run("unshare", "--mount", "sh", "-ec", """
            a=$(losetup -f --show "$1"); b=$(losetup -f --show "$2")
            trap 'btrfs device scan --forget "$a"; btrfs device scan --forget "$b"; losetup -d "$a" "$b"' EXIT
            mkfs.btrfs -q -f -d raid1 -m raid1 "$a" "$b"
            mount "$a" "$3"
            cp -a "$4/." "$3/"
            umount "$3"
            """, "sh", first, second, Directory.CreateDirectory(_scratch.File("mirror")).FullName, LinuxTree.Make(_scratch, string.Empty, "mirrored"));
}
