using System.Text;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>Archives in small as the tools of the families make them: none has a driver for virtio, some name disks of the source.</summary>
internal static class FamilyArchive
{
    /// <summary>By the name of the tool.</summary>
    public static byte[] Of(string tool, string version) => tool switch
    {
        "initramfs-tools" => Archives.Gzip(Archives.Debian(version, settings: string.Empty)),
        "dracut" => Dracut(version, namesDevices: false),
        "mkinitcpio" => Mkinitcpio(version),
        "mkinitfs" => Mkinitfs(version),
        "nash" => RedHatMkinitrd(),
        "suse" => SuseMkinitrd(version),
        _ => throw new ArgumentOutOfRangeException(nameof(tool), tool, "no archive is known of it"),
    };

    /// <summary>dracut's archive: microcode in front, udev's rule that loads drivers, modules below usr/lib.</summary>
    public static byte[] Dracut(string version, bool hasUdevRule = true, bool namesDevices = true) =>
    [
        .. Archives.Microcode(),
        .. Archives.Gzip(Archives.OfHostCpio(new()
        {
            ["init"] = "#!/bin/sh\n",
            ["usr/lib/dracut/dracut-057"] = "x",
            ["etc/cmdline.d/95resume.conf"] = namesDevices ? "resume=/dev/sda2 rd.lvm.lv=vg/root\n" : "rd.lvm.lv=vg/root\n",
            ["usr/lib/dracut/hooks/initqueue/finished/devexists-\\x2fdev\\x2fsda1.sh"] = namesDevices ? "[ -e \"/dev/sda1\" ]\n" : string.Empty,
            [hasUdevRule ? "usr/lib/udev/rules.d/80-drivers.rules" : "usr/lib/none"] = "x",
            [$"usr/lib/modules/{version}/kernel/drivers/ata/ahci.ko"] = Encoding.Latin1.GetString(Archives.Module(".ko")),
        }, links: new() { ["lib"] = "usr/lib" })),
    ];

    /// <summary>Red Hat's mkinitrd: an init for nash, modules by name.</summary>
    public static byte[] RedHatMkinitrd()
        => Archives.Gzip(Archives.OfHostCpio(new()
        {
            ["init"] = "#!/bin/nash\nmount -t proc /proc /proc\necho \"Loading sd_mod.ko module\"\ninsmod /lib/sd_mod.ko \ninsmod /lib/ahci.ko\nmkblkdevs\nmkrootdev -t ext3 -o defaults,ro sda1\n",
            ["lib/sd_mod.ko"] = Encoding.Latin1.GetString(Archives.Module(".ko")),
            ["lib/ahci.ko"] = Encoding.Latin1.GetString(Archives.Module(".ko")),
        }, program: "init"));

    /// <summary>SUSE's mkinitrd, which keeps by-id names of the controller's disks.</summary>
    public static byte[] SuseMkinitrd(string version)
        => Archives.Gzip(Archives.OfHostCpio(new()
        {
            ["init"] = "x", ["run_all.sh"] = "x", ["lib/udev/rules.d/80-drivers.rules"] = "x",
            ["config/mount.sh"] = "rootdev=/dev/disk/by-id/ata-VMware_Virtual_IDE_Hard_Drive_0001-part1\nrootfstype=ext3\n",
            ["config/resume.sh"] = "resumedev=/dev/sda2\n",
            [$"lib/modules/{version}/kernel/drivers/ata/ahci.ko"] = Encoding.Latin1.GetString(Archives.Module(".ko")),
        }));

    public static byte[] Mkinitcpio(string version)
        => Archives.Pack("zstd", Archives.OfHostCpio(new()
        {
            ["init"] = "x", ["init_functions"] = "x", ["config"] = "EARLYHOOKS=\"\"\nHOOKS=\"block\"\nMODULES=\"ahci\"\n",
            [$"usr/lib/modules/{version}/kernel/ahci.ko"] = Encoding.Latin1.GetString(Archives.Module(".ko")),
        }));

    public static byte[] Mkinitfs(string version)
        => Archives.Gzip(Archives.OfHostCpio(new()
        {
            ["init"] = "x", ["sbin/nlplug-findfs"] = "x", [$"lib/modules/{version}/kernel/ahci.ko"] = Encoding.Latin1.GetString(Archives.Module(".ko")),
        }));
}
