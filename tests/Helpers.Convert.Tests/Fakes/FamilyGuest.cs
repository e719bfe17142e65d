using System.Text;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>Small guests of other families than Debian's: each with the files that its bootloader and its tool for the initramfs have.</summary>
internal static class FamilyGuest
{
    public const string MachineId = "0123456789abcdef0123456789abcdef";
    private const string Arguments = "root=/dev/sda1 ro rd.lvm.lv=vg/usr rd.luks.uuid=luks-77 resume=/dev/sda2 quiet";

    private static readonly Dictionary<string, Action<SampleGuest>> Trees = new()
    {
        ["rhel9"] = RedHat9,
        ["centos7"] = CentOs7,
        ["rhel6"] = RedHat6,
        ["rhel5"] = RedHat5,
        ["amzn2023"] = guest => { RedHat9(guest); guest.Distribution = "amzn"; },
        ["sles15"] = Sles15,
        ["sles11"] = Sles11,
        ["arch"] = Arch,
        ["alpine"] = Alpine,
        ["photon"] = Photon,
    };

    public static IEnumerable<string> Names => Trees.Keys;

    public static SampleGuest Make(string name)
    {
        var guest = new SampleGuest(isDebian: false) { Options = new JobConvert { GuestAgent = "off" } };
        Trees[name](guest);
        return guest;
    }

    public static string Initramfs(string name) => name switch
    {
        "rhel9" or "amzn2023" => "/boot/initramfs-5.14.0-1.el9.x86_64.img",
        "centos7" => "/boot/initramfs-3.10.0-1.el7.x86_64.img",
        "rhel5" => "/boot/initrd-2.6.18-1.el5.img",
        "rhel6" => "/boot/initramfs-2.6.32-1.el6.x86_64.img",
        "sles15" => "/boot/initrd-5.3.18-1-default",
        "sles11" => "/boot/initrd-3.0.101-1-default",
        "arch" => "/boot/initramfs-linux.img",
        "alpine" => "/boot/initramfs-lts",
        _ => "/boot/initrd.img-5.10.1-ph4",
    };

    /// <summary>A kernel image for x86 that tells its release.</summary>
    public static byte[] Image(string release)
    {
        var image = new byte[4096];
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BitConverter.TryWriteBytes(image.AsSpan(0x20E), (ushort)0x600);
        Encoding.ASCII.GetBytes($"{release} (builder@host) #1 SMP").CopyTo(image, 0x800);
        return image;
    }

    public static string BlsEntry(string version) => $"title RHEL ({version})\nversion {version}\nlinux /boot/vmlinuz-{version}\ninitrd /boot/initramfs-{version}.img $tuned_initrd\noptions {Arguments} $tuned_params\ngrub_users $grub_users\n";

    private static void RedHat9(SampleGuest guest)
    {
        const string Version = "5.14.0-1.el9.x86_64";
        guest.Distribution = "rhel";
        guest.AddKernel(Version, ".ko.xz");
        guest.Put($"/boot/initramfs-{Version}.img", FamilyArchive.Dracut(Version));
        guest.Put($"/boot/vmlinuz-0-rescue-{MachineId}", "kernel");
        guest.Put($"/boot/initramfs-0-rescue-{MachineId}.img", "not for us");
        guest.Put("/boot/grub2/grub.cfg", "if [ \"${next_entry}\" ] ; then\n   set default=\"${next_entry}\"\nelse\n   set default=\"${saved_entry}\"\nfi\nset kernelopts=\"root=/dev/sda1 ro\"\ninsmod blscfg\nblscfg\n");
        guest.Put("/boot/grub2/grubenv", Environment($"saved_entry={MachineId}-{Version}\nkernelopts={Arguments}\nboot_success=0\n"));
        guest.Put($"/boot/loader/entries/{MachineId}-{Version}.conf", BlsEntry(Version));
        guest.Put($"/boot/loader/entries/{MachineId}-0-rescue.conf", BlsEntry($"0-rescue-{MachineId}"));
        guest.Put("/etc/kernel/cmdline", Arguments + "\n");
        guest.Put("/etc/default/grub", $"GRUB_DEFAULT=saved\nGRUB_CMDLINE_LINUX=\"{Arguments}\"\nGRUB_ENABLE_BLSCFG=true\n");
        guest.Put("/etc/dracut.conf.d/.keep", string.Empty);
        guest.Put("/usr/bin/dracut", "x");
    }

    private static void CentOs7(SampleGuest guest)
    {
        const string Version = "3.10.0-1.el7.x86_64";
        guest.Distribution = "centos";
        guest.AddKernel(Version, ".ko.xz");
        guest.Put($"/boot/initramfs-{Version}.img", FamilyArchive.Dracut(Version));
        guest.Put($"/boot/initramfs-{Version}kdump.img", "not for us");
        guest.Put("/boot/grub2/grub.cfg", $"set default=\"${{saved_entry}}\"\nmenuentry 'CentOS ({Version}) 7' --class gnu --unrestricted $menuentry_id_option 'gnulinux-{Version}-advanced-11' {{\n\tlinux16 /boot/vmlinuz-{Version} {Arguments}\n\tinitrd16 /boot/initramfs-{Version}.img\n}}\n");
        guest.Put("/boot/grub2/grubenv", Environment($"saved_entry=CentOS ({Version}) 7\n"));
        guest.Put("/etc/default/grub", $"GRUB_CMDLINE_LINUX=\"{Arguments}\"\n");
        guest.Put("/etc/dracut.conf.d/.keep", string.Empty);
    }

    private static void RedHat6(SampleGuest guest)
    {
        const string Version = "2.6.32-1.el6.x86_64";
        guest.Distribution = "rhel";
        guest.AddKernel(Version);
        guest.Put($"/boot/initramfs-{Version}.img", FamilyArchive.Dracut(Version));
        guest.Put("/boot/grub/grub.conf", $"# grub.conf\ndefault=0\ntimeout=5\nsplashimage=(hd0,0)/grub/splash.xpm.gz\ntitle Red Hat ({Version})\n\troot (hd0,0)\n\tkernel /vmlinuz-{Version} {Arguments}\n\tinitrd /initramfs-{Version}.img\n");
        guest.Files.Link("/boot/grub/menu.lst", "./grub.conf");
        guest.Put("/etc/dracut.conf.d/.keep", string.Empty);
    }

    /// <summary>Absolute paths in modules.dep, no modules.builtin, an init for nash.</summary>
    private static void RedHat5(SampleGuest guest)
    {
        const string Version = "2.6.18-1.el5";
        guest.Distribution = "rhel";
        guest.AddKernel(Version);
        var index = $"/usr/lib/modules/{Version}/modules.dep";
        guest.Put(index, string.Concat(guest.Text(index).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ').Select(path => $"/lib/modules/{Version}/{path}")) + "\n")));
        guest.Files.Delete($"/usr/lib/modules/{Version}/modules.builtin");
        guest.Put($"/boot/config-{Version}", "CONFIG_SCSI=y\nCONFIG_BLK_DEV_SD=m\n# CONFIG_VIRTIO_RNG is not set\n");
        guest.Put($"/boot/initrd-{Version}.img", FamilyArchive.RedHatMkinitrd());
        guest.Put("/boot/grub/grub.conf", $"default=0\ntitle Red Hat ({Version})\n\tkernel /boot/vmlinuz-{Version} {Arguments}\n\tinitrd /boot/initrd-{Version}.img\n");
        guest.Put("/etc/modprobe.conf", "alias eth0 vmxnet3\nalias scsi_hostadapter mptspi\nalias scsi_hostadapter1 ata_piix\n");
    }

    private static void Sles15(SampleGuest guest)
    {
        const string Version = "5.3.18-1-default";
        guest.Distribution = "sles";
        guest.AddKernel(Version, ".ko.zst");
        guest.Put($"/boot/initrd-{Version}", FamilyArchive.Dracut(Version));
        guest.Files.Link("/boot/initrd", $"initrd-{Version}");
        guest.Put("/boot/grub2/grub.cfg", $"set default=\"${{saved_entry}}\"\nmenuentry 'SLES 15' {{\n\tlinux /boot/vmlinuz-{Version} {Arguments}\n\tinitrd /boot/initrd-{Version}\n}}\n");
        guest.Put("/boot/grub2/grubenv", Environment("saved_entry=SLES 15\n"));
        guest.Put("/etc/default/grub", $"GRUB_CMDLINE_LINUX_DEFAULT=\"{Arguments}\"\n");
        guest.Put("/etc/dracut.conf.d/.keep", string.Empty);
    }

    private static void Sles11(SampleGuest guest)
    {
        const string Version = "3.0.101-1-default";
        guest.Distribution = "sles";
        guest.AddKernel(Version);
        guest.Put($"/boot/initrd-{Version}", FamilyArchive.SuseMkinitrd(Version));
        guest.Put("/boot/grub/menu.lst", $"default 0\ntimeout 8\ntitle SLES 11\n    root (hd0,0)\n    kernel /boot/vmlinuz-{Version} {Arguments}\n    initrd /boot/initrd-{Version}\ntitle Floppy\n    chainloader (fd0)+1\n");
        guest.Put("/etc/sysconfig/kernel", "INITRD_MODULES=\"mptspi ext3\"\nDOMU_INITRD_MODULES=\"xennet\"\n");
        guest.Volumes.RemoveAll(volume => volume.Disk == 1);
    }

    private static void Arch(SampleGuest guest)
    {
        const string Version = "6.9.1-arch1-1";
        guest.Distribution = "arch";
        guest.Firmware = Firmware.Uefi;
        guest.AddKernel(Version, ".ko.zst");
        guest.Files.Delete($"/boot/vmlinuz-{Version}");
        guest.Put("/boot/vmlinuz-linux", "not for x86");
        guest.Put($"/usr/lib/modules/{Version}/pkgbase", "linux\n");
        guest.Put("/boot/intel-ucode.img", Archives.Microcode());
        guest.Put("/boot/initramfs-linux.img", FamilyArchive.Mkinitcpio(Version));
        guest.Put("/boot/initramfs-linux-fallback.img", "holds all");
        guest.Put("/boot/EFI/BOOT/BOOTX64.EFI", EfiPrograms.Loader(0x8664, 1));
        guest.Put("/boot/loader/loader.conf", "default arch*.conf\n");
        guest.Put("/boot/loader/entries/arch.conf", $"title Arch\nlinux /vmlinuz-linux\ninitrd /intel-ucode.img\ninitrd /initramfs-linux.img\noptions {Arguments}\n");
        guest.Put("/boot/loader/entries/arch-fallback.conf", $"title Arch\nlinux /vmlinuz-linux\ninitrd /initramfs-linux-fallback.img\noptions {Arguments}\n");
        guest.Put("/etc/mkinitcpio.conf", "# MODULES=(a)\nMODULES=(ext4)\nHOOKS=(base udev autodetect block)\n");
    }

    private static void Alpine(SampleGuest guest)
    {
        const string Version = "6.6.1-0-lts";
        guest.Distribution = "alpine";
        guest.AddKernel(Version, ".ko.gz");
        guest.Files.Delete($"/boot/vmlinuz-{Version}");
        guest.Put("/boot/vmlinuz-lts", Image(Version));
        guest.Put("/boot/initramfs-lts", FamilyArchive.Mkinitfs(Version));
        guest.Put("/boot/extlinux.conf", $"DEFAULT menu.c32\nLABEL lts\n  MENU DEFAULT\n  MENU LABEL Linux lts\n  LINUX vmlinuz-lts\n  INITRD initramfs-lts\n  APPEND {Arguments} modules=sd-mod,ext4\nMENU SEPARATOR\n");
        guest.Put("/etc/update-extlinux.conf", "overwrite=1\ndefault_kernel_opts=\"quiet resume=/dev/sda2\"\nroot=/dev/sda1\ndefault=lts\n");
        guest.Put("/etc/mkinitfs/mkinitfs.conf", "features=\"ata base ext4 scsi\"\n");
    }

    private static void Photon(SampleGuest guest)
    {
        const string Version = "5.10.1-ph4";
        guest.Distribution = "photon";
        guest.AddKernel(Version, ".ko.xz");
        guest.Put($"/boot/initrd.img-{Version}", FamilyArchive.Dracut(Version));
        guest.Put("/boot/grub2/grub.cfg", "set default=0\nload_env -f /boot/photon.cfg\nset rootpartition=PARTUUID=aaaaaaaa-01\nmenuentry \"Photon\" {\n    linux /boot/$photon_linux root=$rootpartition $photon_cmdline $systemd_cmdline\n    if [ -f /boot/$photon_initrd ]; then\n        initrd /boot/$photon_initrd\n    fi\n}\n");
        guest.Put($"/boot/linux-{Version}.cfg", $"# GRUB Environment Block\nphoton_cmdline=init=/lib/systemd/systemd ro resume=/dev/sda2 quiet\nphoton_linux=vmlinuz-{Version}\nphoton_initrd=initrd.img-{Version}\n");
        guest.Files.Link("/boot/photon.cfg", $"linux-{Version}.cfg");
        guest.Put("/etc/dracut.conf.d/.keep", string.Empty);
    }

    public static string Environment(string lines) => $"# GRUB Environment Block\n{lines}".PadRight(1024, '#');
}
