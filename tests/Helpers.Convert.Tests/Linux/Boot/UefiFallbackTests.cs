using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Boot;

public class UefiFallbackTests
{
    private const string Boot = "/boot/efi/EFI/BOOT";

    [Theory]
    [InlineData(0x8664, "BOOTX64.EFI")]
    [InlineData(0xAA64, "BOOTAA64.EFI")]
    public void A_vendors_shim_goes_where_firmware_looks_with_what_it_starts(int machine, string name)
    {
        using var guest = Guest();
        guest.Put("/boot/efi/EFI/Microsoft/Boot/bootmgfw.efi", "x");
        guest.Put("/boot/efi/EFI/fedora/shimx64.efi", EfiPrograms.Loader(machine, 1));
        guest.Put("/boot/efi/EFI/fedora/grubx64.efi", EfiPrograms.Loader(machine, 2));
        guest.Put("/boot/efi/EFI/fedora/mmx64.efi", EfiPrograms.Loader(machine, 3));
        guest.Put("/boot/efi/EFI/fedora/fwupdx64.efi", EfiPrograms.Loader(machine, 4));
        guest.Put("/boot/efi/EFI/fedora/grub.cfg", "search --fs-uuid 1 --set=dev\nset prefix=($dev)/grub2\nconfigfile $prefix/grub.cfg\n");
        guest.Convert();
        guest.Files.Read($"{Boot}/{name}").Should().Equal(EfiPrograms.Loader(machine, 1));
        guest.Files.Read($"{Boot}/grubx64.efi").Should().Equal(EfiPrograms.Loader(machine, 2));
        guest.Files.List(Boot).Should().Equal(name, "grub.cfg", "grubx64.efi", "mmx64.efi");
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Fact]
    public void A_whole_menu_is_not_copied_and_systemd_boot_is_known()
    {
        using var guest = Guest();
        guest.Put("/boot/efi/EFI/redhat/grub.cfg", "menuentry 'x' {\nlinux /vmlinuz\n}\n");
        guest.Put("/boot/efi/EFI/systemd/systemd-bootx64.efi", EfiPrograms.Loader(0x8664, 1));
        guest.Put("/boot/efi/EFI/debian/.keep", string.Empty);
        guest.Convert();
        guest.Files.List(Boot).Should().Equal("BOOTX64.EFI");
    }

    [Fact]
    public void A_loader_that_is_there_already_is_left_alone()
    {
        using var guest = Guest();
        guest.Put("/boot/efi/EFI/debian/shimx64.efi", EfiPrograms.Loader(0x8664, 1));
        guest.Put("/boot/efi/EFI/Boot/bootx64.efi", "mine");
        guest.Convert().Report.Changes.Should().NotContain(change => change.Concern == "uefi-fallback");
    }

    [Theory]
    [InlineData("/boot/efi/EFI/other/tool.efi", "no loader of Linux was found")]
    [InlineData("/boot/efi/EFI/debian/grubx64.efi", "no EFI program that is known")]
    public void A_partition_without_a_loader_is_told(string path, string message)
    {
        using var guest = Guest();
        guest.Put(path, "MZ");
        guest.Convert().Report.Warnings.Should().Contain(warning => warning.Message.Contains(message));
    }

    [Fact]
    public void A_guest_for_a_bios_gets_none()
    {
        using var guest = Guest();
        guest.Firmware = Firmware.Bios;
        guest.Put("/boot/efi/EFI/debian/shimx64.efi", EfiPrograms.Loader(0x8664, 1));
        guest.Convert();
        guest.Files.List(Boot).Should().BeEmpty();
    }

    private static SampleGuest Guest() => new() { Firmware = Firmware.Uefi };
}
