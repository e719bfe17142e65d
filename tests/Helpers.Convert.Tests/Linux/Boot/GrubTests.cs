using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Boot;

public class GrubTests
{
    [Fact]
    public void The_menu_loses_device_names_on_linux_lines_only()
    {
        using var guest = new SampleGuest();
        var menu = """
            set default="0"
            set root='hd0,msdos1'
            # linux /boot/x root=/dev/sda1
            search --no-floppy --fs-uuid --set=root --hint-bios=hd0,msdos1 1111
            	linux	/boot/vmlinuz-6.1.0-9-amd64 root=/dev/sda1 ro console=ttyS0,115200 resume=/dev/sda2 quiet
            	linuxefi /boot/vmlinuz-6.1.0-9-amd64 ro "root=/dev/sda1" noroot=/dev/sda1
            	echo root=/dev/sda1

            """;
        guest.Put("/boot/grub/grub.cfg", menu);
        guest.Convert();
        guest.Text("/boot/grub/grub.cfg").Should().Be(menu
            .Replace("root=/dev/sda1 ro console", $"root=UUID={SampleGuest.RootUuid} ro console")
            .Replace("resume=/dev/sda2", $"resume=UUID={SampleGuest.SwapUuid}")
            .Replace("\"root=/dev/sda1\"", $"\"root=UUID={SampleGuest.RootUuid}\""));
    }

    [Fact]
    public void Defaults_that_would_bring_device_names_back_are_taken_out_of_service_with_the_reason()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/default/grub", "GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX=\"resume=/dev/sda2 console=ttyS0\"\nGRUB_DISABLE_LINUX_UUID=true\n#GRUB_DISABLE_LINUX_UUID=true\nGRUB_CMDLINE_LINUX_DEFAULT='root=/dev/sda1'\n");
        guest.Convert();
        guest.Text("/etc/default/grub").Should().Be(
            $"GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX=\"resume=UUID={SampleGuest.SwapUuid} console=ttyS0\"\n# hyper2kvm: device names change with the disk controller, UUIDs do not. Was: GRUB_DISABLE_LINUX_UUID=true\n#GRUB_DISABLE_LINUX_UUID=true\nGRUB_CMDLINE_LINUX_DEFAULT='root=UUID={SampleGuest.RootUuid}'\n");
    }

    [Fact]
    public void The_device_map_names_the_disks_of_the_target()
    {
        using var guest = new SampleGuest();
        guest.Put("/boot/grub/device.map", "(fd0)\t/dev/fd0\n(hd0)\t/dev/sda\n(hd1)\t/dev/disk/by-id/ata-X\n");
        guest.Convert();
        guest.Text("/boot/grub/device.map").Should().Be("(fd0)\t/dev/fd0\n(hd0)\t/dev/vda\n(hd1)\t/dev/vdb\n");
    }

    [Fact]
    public void A_guest_without_a_bootloader_that_is_known_is_refused_with_those_that_are()
    {
        using var guest = new SampleGuest();
        guest.Files.Delete("/boot/grub/grub.cfg");
        var failure = guest.Invoking(sample => sample.Convert()).Should().Throw<StepException>().Which;
        failure.Code.Should().Be(ErrorCodes.ConvertBootloader);
        failure.Message.Should().Contain("grub legacy, systemd-boot or extlinux");
    }

    [Fact]
    public void A_menu_of_50_megabytes_is_refused()
    {
        using var guest = new SampleGuest();
        guest.Put("/boot/grub/grub.cfg", new byte[50_000_000]);
        guest.Invoking(sample => sample.Convert()).Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.ConvertHostile);
    }
}
