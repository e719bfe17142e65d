using System.Text;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Linux;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;
using Hyper2Kvm.Helpers.Convert.Linux.Release;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux;

public class FamilyTests
{
    /// <summary>What changes in each family's text files beside the names of devices.</summary>
    private static readonly Dictionary<(string Family, string Path), (string Before, string After)> Further = new()
    {
        [("sles11", "/etc/sysconfig/kernel")] = ("\"mptspi ext3\"", "\"mptspi ext3 virtio_pci virtio_blk virtio_scsi sd_mod virtio_net\""),
        [("rhel5", "/etc/modprobe.conf")] = ("vmxnet3\nalias scsi_hostadapter mptspi\nalias scsi_hostadapter1 ata_piix\n", "virtio_net\nalias scsi_hostadapter mptspi\nalias scsi_hostadapter1 ata_piix\nalias scsi_hostadapter2 virtio_pci\nalias scsi_hostadapter3 virtio_blk\nalias scsi_hostadapter4 virtio_scsi\n"),
        [("arch", "/etc/mkinitcpio.conf")] = ("\nMODULES=(ext4)", "\nMODULES=(ext4 virtio_pci virtio_blk virtio_scsi sd_mod virtio_net)"),
        [("alpine", "/etc/mkinitfs/mkinitfs.conf")] = ("ext4 scsi", "ext4 scsi virtio"),
    };

    public static TheoryData<string> Families => [.. FamilyGuest.Names];

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_text_file_has_the_source_devices_by_uuid_and_nothing_else_changed(string family)
    {
        using var guest = FamilyGuest.Make(family);
        var before = Texts(guest);

        var report = guest.Convert().Report;

        report.Warnings.Should().BeEmpty();
        var after = Texts(guest);
        after.Keys.Except(before.Keys).Where(path => path.StartsWith("/etc", StringComparison.Ordinal)).Should().BeSubsetOf(["/etc/dracut.conf.d/hyper2kvm.conf"]);
        foreach (var (path, text) in before)
        {
            var (old, now) = Further.GetValueOrDefault((family, path), ("\0", "\0"));
            var expected = text.Replace("=/dev/sda1", $"=UUID={SampleGuest.RootUuid}").Replace("=/dev/sda2", $"=UUID={SampleGuest.SwapUuid}").Replace(old, now);
            (path.EndsWith("grubenv") ? after[path].TrimEnd('#') : after[path]).Should().Be(path.EndsWith("grubenv") ? expected.TrimEnd('#') : path == "/etc/fstab" ? expected.Replace("/dev/sda1 ", $"UUID={SampleGuest.RootUuid} ") : expected, path);
            (path.EndsWith("grubenv") ? after[path].Length : 1024).Should().Be(1024);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_initramfs_has_the_drivers_and_a_second_conversion_changes_nothing(string family)
    {
        using var guest = FamilyGuest.Make(family);
        guest.Convert();
        var image = InitramfsImage.Read(guest.Files.Read(FamilyGuest.Initramfs(family)), CancellationToken.None);
        foreach (var module in new[] { "virtio_blk", "virtio_scsi", "virtio_net", "virtio_pci", "failover" })
            image.Paths.Should().Contain(path => path.Contains($"/{module}.ko"));
        image.Paths.Any(path => path.EndsWith("/modules.alias.bin")).Should().Be(family != "rhel5", "nash has no use for indexes");
        image.Paths.Should().Contain(path => path.EndsWith("/ahci.ko"), "nothing is taken out");

        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Fact]
    public void What_dracut_keeps_of_devices_inside_its_archive_is_by_uuid_and_volumes_of_lvm_stay()
    {
        using var guest = FamilyGuest.Make("rhel9");
        guest.Convert();
        var image = InitramfsImage.Read(guest.Files.Read(FamilyGuest.Initramfs("rhel9")), CancellationToken.None);
        Text(image, "etc/cmdline.d/95resume.conf").Should().Be($"resume=UUID={SampleGuest.SwapUuid} rd.lvm.lv=vg/root\n");
        Text(image, "usr/lib/dracut/hooks/initqueue/finished/devexists-\\x2fdev\\x2fsda1.sh").Should().Be($"[ -e \"/dev/disk/by-uuid/{SampleGuest.RootUuid}\" ]\n");
        image.Paths.Should().NotContain("etc/cmdline.d/20-hyper2kvm.conf", "udev loads drivers by their modalias");
        guest.Text("/etc/dracut.conf.d/hyper2kvm.conf").Should().Be("# hyper2kvm: drivers for KVM\nadd_drivers+=\" virtio_pci virtio_blk virtio_scsi sd_mod virtio_net \"\n");
        guest.Text($"/boot/initramfs-0-rescue-{FamilyGuest.MachineId}.img").Should().Be("not for us");
    }

    [Fact]
    public void A_dracut_without_the_udev_rule_loads_the_drivers_by_name()
    {
        using var guest = FamilyGuest.Make("centos7");
        guest.Put(FamilyGuest.Initramfs("centos7"), FamilyArchive.Dracut("3.10.0-1.el7.x86_64", hasUdevRule: false));
        guest.Convert();
        Text(InitramfsImage.Read(guest.Files.Read(FamilyGuest.Initramfs("centos7")), CancellationToken.None), "etc/cmdline.d/20-hyper2kvm.conf")
            .Should().StartWith("rd.driver.pre=virtio_pci\nrd.driver.pre=virtio_blk\n");
    }

    [Fact]
    public void Mkinitcpio_without_udev_loads_the_drivers_that_its_settings_name()
    {
        using var guest = FamilyGuest.Make("arch");
        guest.Convert();
        Text(InitramfsImage.Read(guest.Files.Read(FamilyGuest.Initramfs("arch")), CancellationToken.None), "config")
            .Should().Contain("MODULES=\"ahci virtio_pci virtio_blk virtio_scsi sd_mod virtio_net\"\n");
        guest.Text("/boot/initramfs-linux-fallback.img").Should().Be("holds all");
    }

    [Fact]
    public void The_init_of_red_hats_mkinitrd_loads_the_drivers_in_their_order_and_can_still_be_run()
    {
        using var guest = FamilyGuest.Make("rhel5");
        guest.Convert();
        var image = InitramfsImage.Read(guest.Files.Read(FamilyGuest.Initramfs("rhel5")), CancellationToken.None);
        Text(image, "init").Should().Contain("module\"\ninsmod /lib/virtio_ring.ko\ninsmod /lib/virtio.ko\ninsmod /lib/virtio_pci.ko\ninsmod /lib/virtio_blk.ko\n")
            .And.Contain("insmod /lib/sd_mod.ko \ninsmod /lib/ahci.ko\nmkblkdevs\n");
        image.TryGet("init", out var init).Should().BeTrue();
        init!.Mode.Should().Be(0x81EDu);
    }

    [Fact]
    public void The_devices_that_suse_keeps_in_its_initrd_are_links_that_udev_makes()
    {
        using var guest = FamilyGuest.Make("sles11");
        guest.Convert();
        var image = InitramfsImage.Read(guest.Files.Read(FamilyGuest.Initramfs("sles11")), CancellationToken.None);
        Text(image, "config/mount.sh").Should().Be($"rootdev=/dev/disk/by-uuid/{SampleGuest.RootUuid}\nrootfstype=ext3\n");
        Text(image, "config/resume.sh").Should().Be($"resumedev=/dev/disk/by-uuid/{SampleGuest.SwapUuid}\n");
    }

    [Theory]
    [InlineData("UBUNTU", "", "Debian")]
    [InlineData("kali", "debian", "Debian")]
    [InlineData("openEuler", "", "Red Hat")]
    [InlineData("anolis", "rhel fedora centos", "Red Hat")]
    [InlineData("opensuse-leap", "suse opensuse", "SUSE")]
    [InlineData("manjaro", "arch", "Arch")]
    [InlineData("nixos", "", null)]
    public void The_table_knows_a_system_by_its_id_or_by_what_it_is_like(string id, string like, string? family)
    {
        var plan = new StepPlan("system");
        var found = DistributionFamily.Of(new OperatingSystemMetadata { Family = "linux", Distribution = id }, like.Split(' ', StringSplitOptions.RemoveEmptyEntries), plan);
        found?.Name.Should().Be(family);
        plan.Warnings.Should().HaveCount(id is "manjaro" or "nixos" ? 1 : 0);
    }

    private static string Text(InitramfsImage image, string path) => Encoding.Latin1.GetString(image.Content(path)!.Value.Span);

    /// <summary>All files that are text, by path: below /etc, and what bootloaders read.</summary>
    private static Dictionary<string, string> Texts(SampleGuest guest)
        => Directory.EnumerateFiles(guest.Root, "*", SearchOption.AllDirectories)
            .Select(file => file[guest.Root.Length..])
            .Where(path => path.StartsWith("/etc") || path.Contains("/grub") || path.Contains("/loader/") || path.EndsWith(".conf") || path.EndsWith(".cfg"))
            .Where(path => new FileInfo(guest.Root + path).LinkTarget is null)
            .ToDictionary(path => path, path => Encoding.Latin1.GetString(File.ReadAllBytes(guest.Root + path)));
}
