using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux;

public class ConversionTests
{
    [Fact]
    public void A_second_run_changes_nothing()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/network/interfaces", "auto ens192\niface ens192 inet dhcp\n");
        guest.Put("/etc/crypttab", "x /dev/sdb2 none luks\n");
        guest.Put("/etc/default/grub", "GRUB_DISABLE_LINUX_UUID=true\n");
        guest.Put("/boot/grub/device.map", "(hd0) /dev/sda\n");
        guest.Put("/usr/lib/systemd/system/open-vm-tools.service", "x");
        var (first, report) = guest.Convert();
        report.Changes.Should().NotBeEmpty();
        guest.Files.Written.Clear();
        var (second, again) = guest.Convert();
        again.Changes.Should().BeEmpty();
        guest.Files.Written.Should().BeEmpty();
        second.Should().BeEquivalentTo(first);
    }

    [Fact]
    public void The_target_has_virtio_disks_and_what_the_default_kernel_can_drive()
    {
        using var guest = new SampleGuest();
        var target = guest.Convert().Target;
        target.Disks.Select(disk => (disk.Index, disk.Bus, disk.BootOrder, disk.VirtualBytes)).Should().Equal((0, DiskBus.VirtioBlk, 1, 7), (1, DiskBus.VirtioBlk, null, 9));
        target.Capabilities.Should().BeEquivalentTo(new GuestCapabilities { Rng = true });
        target.Firmware.Should().Be(Firmware.Bios);
        target.Nics.Should().ContainSingle().Which.Model.Should().Be("virtio");
    }

    [Fact]
    public void A_guest_whose_only_kernel_has_no_virtio_gets_sata_disks_and_a_warning()
    {
        using var guest = new SampleGuest();
        guest.AddKernel(SampleGuest.Version, virtio: false);
        var (target, report) = guest.Convert();
        target.Capabilities.BlockBus.Should().Be(DiskBus.Sata);
        target.Nics[0].Model.Should().Be("e1000");
        report.Warnings.Should().Contain(warning => warning.Message.Contains("drives no virtio disk"));
        guest.Initramfs().TryGet($"usr/lib/modules/{SampleGuest.Version}/kernel/drivers/ata/ahci.ko", out _).Should().BeTrue();
    }

    [Fact]
    public void An_unknown_system_with_a_kernel_and_a_bootloader_that_are_known_is_converted_with_a_warning()
    {
        using var guest = new SampleGuest { Distribution = "slackware" };
        guest.Convert().Report.Warnings.Should().ContainSingle(warning => warning.Message.Contains("slackware 12 is not known"));
        guest.Initramfs().TryGet($"usr/lib/modules/{SampleGuest.Version}/kernel/drivers/block/virtio_blk.ko", out _).Should().BeTrue();
    }

    [Fact]
    public void A_guest_without_a_kernel_is_refused()
    {
        using var guest = new SampleGuest();
        guest.Files.Delete($"/boot/vmlinuz-{SampleGuest.Version}");
        guest.Put("/boot/vmlinuz-..", "x");
        guest.Invoking(sample => sample.Convert()).Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.ConvertKernel);
    }

    [Theory]
    [InlineData("/", 99, "/ of the guest has 99 MiB free; 100 MiB are needed")]
    [InlineData("/boot", 49, "/boot of the guest has 49 MiB free; 50 MiB are needed")]
    public void A_full_file_system_is_refused_before_anything_is_written(string point, long free, string message)
    {
        using var guest = new SampleGuest();
        guest.Mounts.AddRange([new LinuxMount(guest.Volumes[0], "/"), new LinuxMount(guest.Volumes[2], "/boot")]);
        guest.Files.FreeByPath[point] = free << 20;
        var failure = guest.Invoking(sample => sample.Convert()).Should().Throw<StepException>().Which;
        failure.Code.Should().Be(ErrorCodes.ConvertNoSpace);
        failure.Message.Should().StartWith(message);
        guest.Files.Written.Should().BeEmpty();
    }

    [Fact]
    public void A_guest_that_was_converted_needs_no_free_space()
    {
        using var guest = new SampleGuest();
        guest.Convert();
        guest.Files.Free = 0;
        guest.Convert().Report.Changes.Should().BeEmpty();
    }
}
