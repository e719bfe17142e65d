using System.Text;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Initramfs;

public class UnifiedImageTests
{
    private const string Version = "6.9.1-arch1-1";
    private const string Path = "/efi/EFI/Linux/arch-linux.efi";

    [Fact]
    public void An_image_without_a_signature_gets_the_drivers_and_arguments_by_uuid()
    {
        using var guest = Guest(isSigned: false);
        var before = guest.Files.Read(Path);

        var report = guest.Convert().Report;

        var after = guest.Files.Read(Path);
        var image = UnifiedImage.Read(after)!;
        image.Arguments.Should().Be($"root=UUID={SampleGuest.RootUuid} ro rd.luks.name=7=x");
        image.Release.Should().Be(Version);
        InitramfsImage.Read(image.Initramfs!.Value, CancellationToken.None).Paths.Should().Contain($"usr/lib/modules/{Version}/kernel/drivers/block/virtio_blk.ko");
        after.AsSpan(1024, before.Length - 1024).SequenceEqual(before.AsSpan(1024)).Should().BeTrue("what was there stays where it was");
        guest.Files.Read($"{Path}.pre-hyper2kvm").Should().Equal(before);
        Objdump(after).Should().Contain(".initrd").And.Contain(".linux");
        report.Refused.Should().BeEmpty();
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Fact]
    public void A_signed_image_that_is_started_and_lacks_the_drivers_is_refused_with_the_reason()
    {
        using var guest = Guest(isSigned: true);
        var failure = guest.Invoking(sample => sample.Convert()).Should().Throw<StepException>().Which;
        failure.Code.Should().Be(ErrorCodes.ConvertInitramfs);
        failure.Message.Should().StartWith($"{Path}: it is signed").And.Contain("virtio_blk");
        failure.Hint.Should().Contain("sign it");
        guest.Files.Written.Should().BeEmpty();
    }

    [Fact]
    public void A_signed_image_that_is_not_started_is_left_as_it_is_and_told()
    {
        using var guest = Guest(isSigned: true);
        guest.AddKernel("7.0.0-1");
        guest.Put("/boot/initrd.img-7.0.0-1", Archives.Gzip(Archives.Debian("7.0.0-1")));
        guest.Put("/efi/loader/entries/new.conf", "linux /boot/vmlinuz-7.0.0-1\ninitrd /boot/initrd.img-7.0.0-1\n");
        guest.Put("/efi/loader/loader.conf", "default new.conf\n");
        var before = guest.Files.Read(Path);
        guest.Convert().Report.Refused.Should().ContainSingle(note => note.Path == Path && note.Message.Contains("signed"));
        guest.Files.Read(Path).Should().Equal(before);
    }

    [Fact]
    public void Anything_cut_short_is_no_image_rather_than_a_crash()
    {
        var whole = EfiPrograms.Unified(false, (".linux", [1, 2, 3]), (".uname", "6.1"u8.ToArray()));
        for (var length = 0; length < whole.Length; length += 7)
            _ = UnifiedImage.Read(whole[..length])?.Release;
        UnifiedImage.Read(whole)!.Release.Should().Be("6.1");
        UnifiedImage.Read(whole[..400]).Should().BeNull();
        UnifiedImage.Read(EfiPrograms.Loader(0x8664, length: 1024)).Should().BeNull("it holds no kernel");
    }

    private static SampleGuest Guest(bool isSigned)
    {
        var guest = new SampleGuest(isDebian: false) { Distribution = "arch", Firmware = Firmware.Uefi };
        guest.AddKernel(Version);
        guest.Files.Delete($"/boot/vmlinuz-{Version}");
        guest.Put("/etc/mkinitcpio.conf", "MODULES=()\n");
        guest.Put("/efi/EFI/BOOT/BOOTX64.EFI", "x");
        guest.Put(Path, EfiPrograms.Unified(
            isSigned,
            (".uname", Encoding.ASCII.GetBytes(Version)),
            (".cmdline", "root=/dev/sda1 ro rd.luks.name=7=x"u8.ToArray()),
            (".initrd", Archives.Gzip(Archives.Debian(Version))),
            (".linux", new byte[5000])));
        return guest;
    }

    /// <summary>The sections as binutils see them.</summary>
    private static string Objdump(byte[] image)
    {
        using var directory = new TemporaryDirectory();
        var path = System.IO.Path.Combine(directory.Path, "image.efi");
        File.WriteAllBytes(path, image);
        return Encoding.ASCII.GetString(Archives.Tool("objdump", [], "-h", path));
    }
}
