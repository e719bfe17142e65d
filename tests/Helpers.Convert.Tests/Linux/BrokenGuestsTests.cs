using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux;

/// <summary>Hostile and broken guests: each is refused with the remedy before anything is written, or told with it; none is done and does not boot.</summary>
public sealed class BrokenGuestsTests
{
    private const string Initramfs = $"/boot/initrd.img-{SampleGuest.Version}";
    private const string Driver = $"/usr/lib/modules/{SampleGuest.Version}/kernel/drivers/block/virtio_blk";

    private static readonly Dictionary<string, (Action<SampleGuest> Break, ErrorCode Code, string Message, string Remedy)> Refused = new()
    {
        ["no kernel"] = (guest => guest.Files.Delete($"/boot/vmlinuz-{SampleGuest.Version}"), ErrorCodes.ConvertKernel, "no kernel was found", "Install a distribution kernel"),
        ["no bootloader"] = (guest => guest.Files.Delete("/boot/grub/grub.cfg"), ErrorCodes.ConvertBootloader, "no bootloader was found", "Install grub2"),
        ["no free space on /boot"] = (guest => guest.Files.FreeByPath["/boot"] = 3 << 20, ErrorCodes.ConvertNoSpace, "/boot of the guest has 3 MiB free; 50 MiB are needed", "Free 47 MiB more on /boot"),
        ["no free space on /"] = (guest => guest.Files.FreeByPath["/"] = 99 << 20, ErrorCodes.ConvertNoSpace, "/ of the guest has 99 MiB free; 100 MiB are needed", "Free 1 MiB more on /"),
        ["no free inodes"] = (guest => guest.Files.FreeFilesByPath["/boot"] = 7, ErrorCodes.ConvertNoSpace, "/boot of the guest can have 7 more files (free inodes); 100 are needed", "Remove at least 93 files from /boot"),
        ["unknown compression"] = (guest => guest.Put(Initramfs, "(\u00b5/\u00ffnothing known"), ErrorCodes.ConvertInitramfs, $"{Initramfs}: its compression is not known", "usual compression"),
        ["a path that escapes"] = (guest => guest.Put(Initramfs, Archives.Gzip(Archives.Raw("../../etc/cron.d/x", 0x81A4, [1]))), ErrorCodes.ConvertInitramfs, "../../etc/cron.d/x", "Rebuild it in the guest"),
        ["an initramfs that is cut off"] = (guest => guest.Put(Initramfs, guest.Files.Read(Initramfs)[..400]), ErrorCodes.ConvertInitramfs, Initramfs, "Rebuild it in the guest"),
        ["an initramfs that is empty"] = (guest => guest.Put(Initramfs, string.Empty), ErrorCodes.ConvertInitramfs, "it is empty", "Rebuild it in the guest"),
        ["a truncated module"] = (guest => Cut(guest, $"{Driver}.ko"), ErrorCodes.ConvertInitramfs, "virtio_blk.ko is no kernel module: it is damaged or truncated", $"package of the kernel {SampleGuest.Version}"),
        ["a menu of 50 MB"] = (guest => guest.Put("/boot/grub/grub.cfg", new byte[50 << 20]), ErrorCodes.ConvertHostile, "/boot/grub/grub.cfg", "Look at the named file"),
    };

    public static TheoryData<string> Names => [.. Refused.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_guest_that_is_refused_is_left_as_it_was_and_told_the_remedy(string name)
    {
        var (harm, code, message, remedy) = Refused[name];
        using var guest = new SampleGuest();
        guest.Mounts.AddRange([new LinuxMount(guest.Volumes[0], "/"), new LinuxMount(guest.Volumes[2], "/boot")]);
        harm(guest);

        var failure = guest.Invoking(sample => sample.Convert()).Should().Throw<StepException>().Which;

        failure.Code.Should().Be(code);
        failure.Message.Should().Contain(message);
        failure.Hint.Should().Contain(remedy);
        guest.Files.Written.Should().BeEmpty();
    }

    [Theory]
    [InlineData(".ko.xz")]
    [InlineData(".ko.zst")]
    [InlineData(".ko.gz")]
    public void A_module_that_is_cut_off_is_refused_whatever_its_compression(string suffix)
    {
        using var guest = new SampleGuest(suffix);
        Cut(guest, $"{Driver}{suffix}");

        guest.Invoking(sample => sample.Convert()).Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertInitramfs && failure.Message.Contains($"virtio_blk{suffix}") && failure.Hint.Contains("again in the guest"));
        guest.Files.Written.Should().BeEmpty();
    }

    [Fact]
    public void An_fstab_that_names_a_missing_disk_is_told_with_the_remedy_by_the_conversion_and_by_its_verification()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/fstab", guest.Text("/etc/fstab") + "/dev/sdq1 /data ext4 defaults 0 2\n");

        guest.Convert().Report.Warnings.Should().ContainSingle(warning => warning.Path == "/etc/fstab" && warning.Message.Contains("/dev/sdq1") && warning.Hint!.Contains("missing disk"));

        guest.Verify().Should().ContainSingle(finding => finding.Severity == "warning" && finding.Object == "/etc/fstab: /data" && finding.Message.Contains("emergency mode"));
    }

    [Theory]
    [InlineData("ext4", 9, false)]
    [InlineData("ext4", 11, true)]
    [InlineData("vfat", 9, true)]
    public void Another_file_system_that_is_written_needs_ten_MiB_unless_nothing_grows_on_it(string content, long free, bool isEnough)
    {
        using var guest = new SampleGuest();
        guest.Mounts.AddRange([new LinuxMount(guest.Volumes[0], "/"), new LinuxMount(guest.Volumes[2] with { Content = content }, "/etc")]);
        guest.Files.FreeByPath["/etc"] = free << 20;

        var conversion = guest.Invoking(sample => sample.Convert());

        if (isEnough)
            conversion.Should().NotThrow();
        else
            conversion.Should().Throw<StepException>().WithMessage("/etc of the guest has 9 MiB free; 10 MiB are needed*");
    }

    private static void Cut(SampleGuest guest, string path)
    {
        var whole = guest.Files.Read(path);
        guest.Put(path, whole[..(whole.Length - (whole.Length / 4))]);
    }
}
