using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Boot;

/// <summary>The kernel that is started now has no virtio; an older one has.</summary>
public class DefaultKernelTests
{
    private const string Old = "4.0.0-1";
    private const string New = "6.0.0-1";

    [Fact]
    public void Grub_with_a_fixed_default_starts_the_entry_of_a_submenu_by_its_ids()
    {
        using var guest = Guest();
        guest.Put("/boot/grub/grub.cfg", $$"""
            if [ "${next_entry}" ] ; then
               set default="${next_entry}"
            else
               set default="0"
            fi
            menuentry 'Debian' --class gnu $menuentry_id_option 'gnulinux-simple-11' {
            	linux	/boot/vmlinuz-{{New}} root=UUID=11 ro
            }
            submenu 'Advanced' $menuentry_id_option 'gnulinux-advanced-11' {
            	menuentry 'Debian {{New}}' $menuentry_id_option 'gnulinux-{{New}}-advanced-11' {
            		linux	/boot/vmlinuz-{{New}} root=UUID=11 ro
            	}
            	menuentry 'Debian {{Old}}' $menuentry_id_option 'gnulinux-{{Old}}-advanced-11' {
            		linux	/boot/vmlinuz-{{Old}} root=UUID=11 ro
            	}
            }

            """);
        var menu = guest.Text("/boot/grub/grub.cfg");
        guest.Put("/etc/default/grub", "GRUB_DEFAULT=0\nGRUB_TIMEOUT=1\n");

        var report = guest.Convert().Report;

        guest.Text("/boot/grub/grub.cfg").Should().Be(menu.Replace("set default=\"0\"", $"set default=\"gnulinux-advanced-11>gnulinux-{Old}-advanced-11\""));
        guest.Text("/etc/default/grub").Should().Be($"GRUB_DEFAULT=\"gnulinux-advanced-11>gnulinux-{Old}-advanced-11\"\nGRUB_TIMEOUT=1\n");
        report.Notes.Should().Contain(note => note.Message.StartsWith($"{Old} is started from now on"));
        AssertAtRest(guest);
    }

    [Theory]
    [InlineData("new")]
    [InlineData("")]
    public void Grub_with_entries_of_their_own_has_another_saved_entry_in_its_environment(string saved)
    {
        using var guest = Guest();
        guest.Put("/boot/grub/grub.cfg", "set default=\"${saved_entry}\"\nblscfg\n");
        guest.Put("/boot/grub/grubenv", FamilyGuest.Environment($"saved_entry={saved}\nboot_success=1\n"));
        guest.Put("/boot/loader/entries/new.conf", $"version {New}\nlinux /boot/vmlinuz-{New}\noptions root=UUID=11\n");
        guest.Put("/boot/loader/entries/alt.conf", $"version {Old}\nlinux /boot/vmlinuz-{Old}\noptions root=UUID=11\n");
        guest.Convert();
        guest.Text("/boot/grub/grubenv").Should().Be(FamilyGuest.Environment("boot_success=1\nsaved_entry=alt\n"));
        AssertAtRest(guest);
    }

    [Fact]
    public void Grub_legacy_has_another_number()
    {
        using var guest = Guest();
        guest.Files.Delete("/boot/grub/grub.cfg");
        guest.Put("/boot/grub/menu.lst", $"default\t0\ntitle new\nkernel /vmlinuz-{New} root=UUID=11\ntitle dos\nchainloader +1\ntitle old\nkernel (hd0,0)/vmlinuz-{Old} root=UUID=11\n");
        var menu = guest.Text("/boot/grub/menu.lst");
        guest.Convert();
        guest.Text("/boot/grub/menu.lst").Should().Be(menu.Replace("default\t0", "default\t2"));
        AssertAtRest(guest);
    }

    [Theory]
    [InlineData("default new.conf\ntimeout 3\n", "default b-old.conf\ntimeout 3\n")]
    [InlineData("timeout 3\n", "default b-old.conf\ntimeout 3\n")]
    public void Systemd_boot_has_another_default_in_its_settings(string before, string after)
    {
        using var guest = Guest();
        guest.Files.Delete("/boot/grub/grub.cfg");
        guest.Put("/boot/efi/loader/loader.conf", before);
        guest.Put($"/boot/efi/{FamilyGuest.MachineId}/{New}/linux", "kernel");
        guest.Put($"/boot/efi/{FamilyGuest.MachineId}/{Old}/linux", "kernel");
        guest.Put("/boot/efi/loader/entries/new+3-1.conf", $"sort-key debian\nversion {New}\nlinux /{FamilyGuest.MachineId}/{New}/linux\noptions root=UUID=11\n");
        guest.Put("/boot/efi/loader/entries/b-old.conf", $"sort-key debian\nversion {Old}\nlinux /{FamilyGuest.MachineId}/{Old}/linux\noptions root=UUID=11\n");
        guest.Convert();
        guest.Text("/boot/efi/loader/loader.conf").Should().Be(after);
        AssertAtRest(guest);
    }

    [Fact]
    public void Extlinux_has_another_default_label()
    {
        using var guest = Guest();
        guest.Files.Delete("/boot/grub/grub.cfg");
        guest.Put("/boot/extlinux/extlinux.conf", $"DEFAULT menu.c32\nLABEL l0\n  MENU DEFAULT\n  LINUX /boot/vmlinuz-{New}\nLABEL l1\n  LINUX ../vmlinuz-{Old}\n");
        guest.Convert();
        guest.Text("/boot/extlinux/extlinux.conf").Should().Be($"DEFAULT l1\nLABEL l0\n  LINUX /boot/vmlinuz-{New}\nLABEL l1\n  LINUX ../vmlinuz-{Old}\n");
        AssertAtRest(guest);
    }

    [Fact]
    public void A_kernel_that_no_entry_starts_cannot_be_made_the_default()
    {
        using var guest = Guest();
        guest.Put("/boot/grub/grub.cfg", $"menuentry 'x' {{\nlinux /boot/vmlinuz-{New}\n}}\n");
        var failure = guest.Invoking(sample => sample.Convert()).Should().Throw<StepException>().Which;
        failure.Code.Should().Be(ErrorCodes.ConvertKernel);
        failure.Message.Should().Contain($"{Old} can, but no entry starts it");
        guest.Files.Written.Should().BeEmpty();
    }

    private static SampleGuest Guest()
    {
        var guest = new SampleGuest();
        foreach (var name in guest.Files.List("/boot").Where(name => name.Contains(SampleGuest.Version)))
            guest.Files.Delete($"/boot/{name}");
        guest.AddKernel(New, virtio: false);
        guest.AddKernel(Old);
        foreach (var version in new[] { New, Old })
            guest.Put($"/boot/initrd.img-{version}", Archives.Gzip(Archives.Debian(version)));
        return guest;
    }

    private static void AssertAtRest(SampleGuest guest)
    {
        guest.Convert().Target.Capabilities.BlockBus.Should().Be(Core.Documents.DiskBus.VirtioBlk);
        guest.Convert().Report.Changes.Should().BeEmpty();
    }
}
