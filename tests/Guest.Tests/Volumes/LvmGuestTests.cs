using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Volumes;

public sealed class LvmGuestTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("/dev/mapper/guest--vg-boot")]
    [InlineData("/dev/guest-vg/boot")]
    [InlineData("/dev/disk/by-id/dm-name-guest--vg-boot")]
    [InlineData("UUID=33333333-2222-3333-4444-555555555555")]
    [InlineData("LABEL=boot")]
    public void A_system_on_logical_volumes_over_two_nbd_disks_is_found_mounted_by_any_name_and_written(string boot)
    {
        using var guest = new LvmGuest(_scratch, $"/dev/mapper/guest--vg-root / ext4 defaults 0 1\n{boot} /boot ext4 defaults 0 2\n/dev/mapper/guest--vg-gone /srv ext4 nofail 0 0\n");
        using (var machine = guest.Open())
        {
            using var mounted = machine.Mount(machine.ChooseSystem(), writable: true);

            mounted.System.OperatingSystem.Root.Should().Be("/dev/guest-vg/root");
            mounted.Mounts.Select(mount => (mount.Volume.Device, mount.MountPoint)).Should().Equal(("/dev/guest-vg/root", "/"), ("/dev/guest-vg/boot", "/boot"));
            mounted.Unmounted.Single().Spec.Should().Be("/dev/mapper/guest--vg-gone");
            mounted.Naming.IsAsGiven.Should().BeTrue();
            mounted.Files.Write("/etc/hostname", "guest2\n"u8);
            mounted.Files.Write("/boot/new", [.. Enumerable.Repeat((byte)'x', 300_000)]);
            mounted.Trim().Should().BePositive();
            mounted.Close();
        }

        using (var machine = guest.Open(readOnly: true))
        using (var mounted = machine.Mount(machine.ChooseSystem("/dev/mapper/guest--vg-root"), writable: false))
        {
            Encoding.UTF8.GetString(mounted.Files.Read("/etc/hostname")).Should().Be("guest2\n");
            mounted.Files.Read("/boot/new").Should().HaveCount(300_000);
        }

        Directory.Exists(_scratch.File("guest")).Should().BeFalse();
        HostState.Mounts().Should().NotContain(_scratch.Path);
        HostState.CommandLines().Should().NotContain(line => line.Contains("nbdfuse") && line.Contains(_scratch.Path));
    }

    [Fact]
    public void A_system_whose_second_disk_is_missing_ends_with_what_to_do()
    {
        using var guest = new LvmGuest(_scratch, string.Empty);
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(guest.Images[0], readOnly: true)], _scratch.Path);

        machine.Volumes.Should().Contain(volume => volume.Device == "/dev/guest-vg/root" && volume.Problem!.Contains("give all disks of the guest"));
        machine.Invoking(opened => opened.ChooseSystem()).Should().Throw<StepException>()
            .Where(failure => failure.Code == ErrorCodes.ConvertMount && failure.Message.Contains("/dev/guest-vg/root") && failure.Message.Contains("give all disks"));
    }

    [Fact]
    public void A_server_of_one_of_its_disks_that_dies_makes_the_close_fail()
    {
        using var guest = new LvmGuest(_scratch, string.Empty);
        using var machine = guest.Open();
        var mounted = machine.Mount(machine.ChooseSystem("/dev/guest-vg/root"), writable: true);

        mounted.Files.Write("/etc/x", "1"u8);
        var work = _scratch.File("in1");
        foreach (var server in HostState.Processes().Where(process => process.CommandLine.Contains("nbdkit") && process.CommandLine.Contains(work)))
        {
            Tool.Run("kill", "-KILL", server.Id);
        }

        mounted.Invoking(one => one.Close()).Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertDisk);
    }
}
