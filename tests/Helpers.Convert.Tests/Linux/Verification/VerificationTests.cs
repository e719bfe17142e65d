using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Verification;

/// <summary>What is found in a converted guest that was damaged, and that nothing is found in one that was not.</summary>
public sealed class VerificationTests : IDisposable
{
    private const string Menu = "/boot/grub/grub.cfg";
    private const string Initramfs = $"/boot/initrd.img-{SampleGuest.Version}";
    private const string Kernel = $"/boot/vmlinuz-{SampleGuest.Version}";
    private const string Gone = "44444444-4444-4444-4444-444444444444";

    private readonly SampleGuest _guest = Converted();

    public static TheoryData<string> Families => [.. FamilyGuest.Names];

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Nothing_is_found_in_a_guest_that_was_converted() => _guest.Verify().Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Families))]
    public void Nothing_keeps_a_converted_guest_of_any_family_from_booting_and_something_did_before(string family)
    {
        using var guest = FamilyGuest.Make(family);
        guest.Volumes.Add(new GuestVolume { Device = "/dev/vg/usr", Names = ["/dev/vg/usr", "/dev/mapper/vg-usr"], Kind = VolumeKind.Logical, Disk = 0, Partition = 0, Offset = 0, Length = 1, Content = "ext4" });
        guest.Volumes.Add(SampleGuest.Volume(0, 5, "crypto_LUKS", "77000000-0000-0000-0000-000000000000", null));
        Errors(guest).Should().NotBeEmpty();

        guest.Convert();

        Errors(guest).Should().BeEmpty();
    }

    [Fact]
    public void A_kernel_that_is_not_there()
    {
        _guest.Files.Delete(Kernel);
        _guest.AddKernel("5.10.0-1-amd64");
        Error("kernel", "is not there");
    }

    [Fact]
    public void A_kernel_that_is_empty()
    {
        _guest.Put(Kernel, string.Empty);
        Error("kernel", "empty file");
    }

    [Fact]
    public void No_kernel_at_all()
    {
        _guest.Files.Delete(Kernel);
        Error("system", "no kernel was found");
    }

    [Fact]
    public void A_menu_that_starts_nothing()
    {
        _guest.Put(Menu, "set default=0\n");
        Error("kernel", "starts no kernel");
    }

    [Fact]
    public void A_default_kernel_without_modules()
    {
        _guest.AddKernel("5.10.0-1-amd64");
        _guest.Files.DeleteTree($"/usr/lib/modules/{SampleGuest.Version}");
        Error("kernel", "has no modules");
    }

    [Fact]
    public void No_bootloader()
    {
        _guest.Files.Delete(Menu);
        Error("system", "no bootloader was found");
    }

    [Fact]
    public void An_initramfs_without_drivers_for_the_root_disk()
    {
        _guest.Put(Initramfs, Archives.Gzip(Archives.Debian(SampleGuest.Version)));
        Error("initramfs", "virtio_blk").Remedy.Should().Contain($"update-initramfs -c -k {SampleGuest.Version}");
    }

    [Fact]
    public void An_initramfs_that_is_not_there()
    {
        _guest.Files.Delete(Initramfs);
        Error("initramfs", $"loads {Initramfs}, which is not there");
    }

    [Fact]
    public void An_initramfs_that_is_cut_off()
    {
        var file = _guest.Files.Read(Initramfs);
        _guest.Put(Initramfs, file[..(file.Length / 2)]);
        Error("initramfs", "damaged|ends|unpack|cut");
    }

    [Fact]
    public void Nothing_is_wrong_with_a_kernel_that_has_its_drivers_built_in_and_no_initramfs()
    {
        _guest.Put($"/usr/lib/modules/{SampleGuest.Version}/modules.builtin", "kernel/x/virtio_pci.ko\nkernel/x/virtio_blk.ko\nkernel/x/virtio_ring.ko\nkernel/x/virtio.ko\n");
        _guest.Put(Menu, _guest.Text(Menu).Replace("\tinitrd\t" + Initramfs + "\n", string.Empty));
        _guest.Files.Delete(Initramfs);
        Errors(_guest).Should().BeEmpty();
    }

    [Fact]
    public void Another_entry_than_the_default_is_a_warning()
    {
        _guest.Put(Menu, _guest.Text(Menu) + $"menuentry 'Old' {{\n\tlinux /boot/vmlinuz-4 root=UUID={Gone}\n\tinitrd /boot/initrd-4\n}}\n");
        Errors(_guest).Should().BeEmpty();
        _guest.Verify().Select(finding => finding.Check).Should().Contain("kernel").And.Contain("arguments");
    }

    [Theory]
    [InlineData($"root=UUID={SampleGuest.RootUuid}", $"root=UUID={Gone}", "no volume of the guest is UUID=")]
    [InlineData($"root=UUID={SampleGuest.RootUuid}", "root=/dev/sda1", "name of the old machine's disks")]
    [InlineData($"root=UUID={SampleGuest.RootUuid}", "root=/dev/vda7", "no volume of the guest is /dev/vda7")]
    [InlineData("quiet", "rd.lvm.lv=vg/root", "no volume of the guest is /dev/vg/root")]
    [InlineData("quiet", "rd.lvm.vg=vg", "no volume group vg")]
    [InlineData("quiet", $"rd.luks.uuid=luks-{Gone}", "no encrypted volume")]
    [InlineData("quiet", "rd.md.uuid=1:2:3:4", "no array")]
    [InlineData("quiet", $"cryptdevice=UUID={Gone}:x", "no volume of the guest is UUID=")]
    public void An_argument_that_names_a_volume_which_is_not_there(string before, string after, string message)
    {
        _guest.Put(Menu, _guest.Text(Menu).Replace(before, after));
        Error("arguments", message);
    }

    [Theory]
    [InlineData("root=/dev/vda1")]
    [InlineData("root=PARTUUID=aaaaaaaa-01")]
    [InlineData("root=/dev/nfs")]
    [InlineData("root=ZFS=rpool/root")]
    public void An_argument_that_names_a_volume_of_the_target_or_none_at_all_is_no_concern(string root)
    {
        _guest.Put(Menu, _guest.Text(Menu).Replace($"root=UUID={SampleGuest.RootUuid}", root));
        _guest.Verify().Should().BeEmpty();
    }

    [Fact]
    public void A_volume_to_resume_from_that_is_not_there_is_a_warning()
    {
        _guest.Put(Menu, _guest.Text(Menu).Replace("quiet", $"resume=UUID={Gone}"));
        Warning("arguments", "resume=");
    }

    [Theory]
    [InlineData($"UUID={Gone} /usr ext4 defaults 0 2", "fstab", true)]
    [InlineData($"UUID={Gone} /data ext4 defaults 0 2", "emergency mode", false)]
    [InlineData($"UUID={Gone} /usr ext4 nofail 0 2", "no volume", false)]
    [InlineData("/dev/sdb1 /srv ext4 defaults 0 2", "old machine", false)]
    [InlineData($"UUID={Gone} none swap sw 0 0", "no volume", false)]
    public void A_line_of_fstab_whose_volume_is_not_there(string line, string message, bool isError)
    {
        _guest.Put("/etc/fstab", _guest.Text("/etc/fstab") + line + "\n");
        var found = _guest.Verify().Should().ContainSingle().Which;
        (found.Check, found.Severity).Should().Be(("fstab", isError ? "error" : "warning"));
        $"{found.Object} {found.Message}".Should().Contain(message);
    }

    [Theory]
    [InlineData("server:/export /mnt nfs defaults 0 0")]
    [InlineData("tmpfs /tmp tmpfs defaults 0 0")]
    [InlineData("/dev/sr0 /media iso9660 ro,noauto 0 0")]
    [InlineData($"UUID=\"{SampleGuest.DataUuid}\" /data ext4 defaults 0 2")]
    [InlineData("/srv /home none bind 0 0")]
    [InlineData("/dev/zram0 none swap defaults 0 0")]
    public void A_line_of_fstab_that_needs_no_disk_of_the_guest_or_has_it_is_no_concern(string line)
    {
        _guest.Put("/etc/fstab", _guest.Text("/etc/fstab") + line + "\n");
        _guest.Verify().Should().BeEmpty();
    }

    [Fact]
    public void The_roots_line_counts_where_no_argument_names_the_root()
    {
        _guest.Put("/etc/fstab", $"UUID={Gone} / ext4 defaults 0 1\n");
        Warning("fstab", "no volume");
        _guest.Put(Menu, _guest.Text(Menu).Replace($"root=UUID={SampleGuest.RootUuid} ", string.Empty));
        Error("fstab", "no volume");
    }

    [Theory]
    [InlineData("data", "luks", false)]
    [InlineData("root", "luks,nofail", false)]
    [InlineData("root", "luks", true)]
    public void A_line_of_crypttab_whose_volume_is_not_there(string name, string options, bool isError)
    {
        _guest.Put("/etc/crypttab", $"{name} UUID={Gone} none {options}\n");
        _guest.Put(Menu, _guest.Text(Menu).Replace($"root=UUID={SampleGuest.RootUuid}", "root=/dev/mapper/root"));
        _guest.Put("/etc/crypttab", _guest.Text("/etc/crypttab") + (name == "root" ? string.Empty : "root /dev/vda1 none luks\n"));
        var found = _guest.Verify().Should().ContainSingle().Which;
        (found.Check, found.Severity).Should().Be(("crypttab", isError ? "error" : "warning"));
    }

    [Fact]
    public void A_disk_without_a_boot_record()
    {
        _guest.BootDisk.HasCode = false;
        Error("firmware", "no disk has a boot record");
    }

    [Theory]
    [InlineData(20)]
    [InlineData(0)]
    [InlineData(1000)]
    public void A_boot_record_of_grub_whose_core_is_gone(ulong sector)
    {
        _guest.BootDisk.CoreSector = sector;
        Error("firmware", $"sector {sector}, where nothing is");
    }

    [Fact]
    public void A_guest_with_UEFI_whose_disks_have_no_EFI_system_partition()
    {
        _guest.Firmware = Firmware.Uefi;
        Error("firmware", "no disk has an EFI system partition");
        _guest.Volumes.Add(SampleGuest.Volume(0, 15, "vfat", "ABCD-0123", null) with { PartitionType = "ef" });
        Warning("firmware", "not mounted");
    }

    [Fact]
    public void A_guest_with_UEFI_and_no_loader_where_firmware_looks()
    {
        Uefi();
        _guest.Files.DeleteTree("/boot/efi/EFI/BOOT");
        Error("firmware", "no loader");
        _guest.Put("/boot/efi/EFI/BOOT/BOOTX64.EFI", "x");
        Error("firmware", "no EFI program");
    }

    [Theory]
    [InlineData(Gone, "/boot/grub", "which the guest does not have")]
    [InlineData(SampleGuest.RootUuid, "/boot/grub9", "where it is not")]
    public void Lines_for_grub_on_the_EFI_system_partition_that_lead_nowhere(string uuid, string directory, string message)
    {
        Uefi();
        _guest.Verify().Should().BeEmpty();
        _guest.Put("/boot/efi/EFI/debian/grub.cfg", $"search.fs_uuid {uuid} root hd0,gpt2\nset prefix=($root)'{directory}'\nconfigfile $prefix/grub.cfg\n");
        Error("bootloader", message);
    }

    [Fact]
    public void Files_of_grub_that_are_damaged()
    {
        _guest.Put("/boot/grub/grubenv", "# GRUB Environment Block\n####");
        Warning("bootloader", "bytes");
        _guest.Files.Delete("/boot/grub/grubenv");
        _guest.Put(Menu, _guest.Text(Menu) + "menuentry 'x' {\n");
        Warning("bootloader", "cut off");
        _guest.Put(Menu, _guest.Text(Menu).Replace("menuentry 'x' {\n", string.Empty).Replace($"--set=root {SampleGuest.RootUuid}", $"--set=root {Gone}"));
        Warning("bootloader", $"volume {Gone}");
        _guest.Put(Menu, new byte[50 << 20]);
        Error("system", "at most 4 MiB");
    }

    [Fact]
    public void Names_of_cards_that_nothing_gives()
    {
        _guest.Put("/etc/network/interfaces", "auto ens192\niface ens192 inet dhcp\n");
        Warning("network", "ens192");
        _guest.Convert();
        _guest.Verify().Should().BeEmpty();
    }

    [Theory]
    [InlineData("[Match]\n\n[Link]\nName=ens192\n", "no [Match]")]
    [InlineData("[Match]\nPath=pci-*\n[Link]\nName=a name of an interface\n", "no name that an interface can have")]
    public void A_file_of_ours_that_gives_no_name(string text, string message)
    {
        _guest.Put("/etc/systemd/network/10-hyper2kvm-ens192.link", text);
        Error("network", message);
    }

    private static SampleGuest Converted()
    {
        var guest = new SampleGuest();
        guest.Convert();
        return guest;
    }

    private static IEnumerable<VerificationFinding> Errors(SampleGuest guest) => guest.Verify().Where(finding => finding.Severity == "error");

    private void Uefi()
    {
        _guest.Firmware = Firmware.Uefi;
        _guest.Put("/boot/efi/EFI/BOOT/BOOTX64.EFI", EfiPrograms.Loader(0x8664, 1));
        _guest.Put("/boot/efi/EFI/debian/grubx64.efi", EfiPrograms.Loader(0x8664, 2));
    }

    private VerificationFinding Error(string check, string message) => Single("error", check, message);

    private void Warning(string check, string message) => Single("warning", check, message);

    /// <summary>The one finding of its severity; warnings may stand beside an error.</summary>
    private VerificationFinding Single(string severity, string check, string message)
    {
        var findings = _guest.Verify();
        var found = findings.Where(finding => finding.Severity == "error" || severity == "warning").Should().ContainSingle().Which;
        (found.Severity, found.Check).Should().Be((severity, check));
        found.Message.Should().MatchRegex(System.Text.RegularExpressions.Regex.Escape(message).Replace("\\|", "|"));
        found.Remedy.Should().NotBeEmpty();
        return found;
    }
}
