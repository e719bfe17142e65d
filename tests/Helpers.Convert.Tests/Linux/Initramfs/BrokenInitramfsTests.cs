using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Initramfs;

/// <summary>Initramfs files and modules that are damaged or made to harm, in a whole conversion: refused by name with the remedy, and nothing is written.</summary>
public sealed class BrokenInitramfsTests
{
    private const string File = $"/boot/initrd.img-{SampleGuest.Version}";

    [Theory]
    [InlineData(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, "its compression is not known (it starts with 0102030405060708)")]
    [InlineData(new byte[] { 0x04, 0x22, 0x4D, 0x18, 0, 0 }, "lz4 in its modern frame, is read by no kernel")]
    [InlineData(new byte[] { }, "it is empty")]
    public void A_compression_that_is_not_known(byte[] content, string message) => Refused(content, message);

    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("xz")]
    [InlineData("lz4")]
    [InlineData("bzip2")]
    [InlineData("lzma")]
    [InlineData("lzo")]
    public void An_archive_that_is_cut_off(string compression)
    {
        var whole = Archives.Pack(compression, Archives.Debian(SampleGuest.Version));

        Refused(whole[..(whole.Length / 2)], ": ");
    }

    [Theory]
    [InlineData("../../etc/cron.d/x")]
    [InlineData("lib/../../x")]
    [InlineData("/etc/cron.d/x")]
    public void An_entry_that_leads_out(string name) => Refused(Archives.Gzip(Archives.Raw(name, 0x81A4, [1])), $"the entry '{name}' leads out of the archive");

    [Theory]
    [InlineData("FFFFFFFF", null, "longer than the archive")]
    [InlineData(null, "FFFFFFFF", "a name of 4294967295 bytes")]
    public void An_entry_of_a_huge_size(string? dataLength, string? nameLength, string message)
        => Refused(Archives.Gzip(Archives.Raw("x", 0x81A4, [1], dataLength, nameLength)), message);

    [Fact]
    public void A_decompression_bomb() => Refused(Archives.Tool("sh", [], "-c", "head -c 1100000000 /dev/zero | zstd -q -c -1"), "it unpacks to more than 1024 MiB");

    [Fact]
    public void A_file_that_is_larger_than_any_initramfs()
    {
        using var guest = new SampleGuest();
        using (var hole = System.IO.File.OpenWrite(guest.Files.Host(File)))
            hole.SetLength(600L << 20);

        var failure = guest.Invoking(refused => refused.Convert()).Should().Throw<StepException>().Which;

        failure.Message.Should().Contain(File);
        failure.Hint.Should().NotBeEmpty();
        guest.Files.Written.Should().BeEmpty();
    }

    [Theory]
    [InlineData("/usr/lib")]
    [InlineData("/../../../../usr/lib")]
    public void An_absolute_link_is_followed_inside_the_archive(string target)
    {
        using var guest = new SampleGuest();
        guest.Put(File, Archives.Gzip(Archives.Cpio(writer =>
        {
            writer.AddDirectory("usr", 1);
            writer.AddDirectory("usr/lib", 1);
            writer.AddDirectory("conf", 1);
            writer.Add(Archives.Link("lib", target));
            writer.AddFile("conf/modules", 1, []);
        })));

        guest.Convert();

        guest.Initramfs().Paths.Should().Contain($"usr/lib/modules/{SampleGuest.Version}/kernel/drivers/block/virtio_blk.ko");
        guest.Files.Written.Should().OnlyContain(path => !path.Contains("/lib/modules"), "the guest's own tree is not written");
    }

    [Theory]
    [InlineData(".ko")]
    [InlineData(".ko.xz")]
    [InlineData(".ko.zst")]
    [InlineData(".ko.gz")]
    public void A_module_that_is_cut_off(string suffix)
    {
        using var guest = new SampleGuest(suffix);
        var path = $"/usr/lib/modules/{SampleGuest.Version}/kernel/drivers/block/virtio_blk{suffix}";
        var whole = guest.Files.Read(path);
        guest.Put(path, whole[..^(whole.Length / 4)]);

        var failure = guest.Invoking(refused => refused.Convert()).Should().Throw<StepException>().Which;

        failure.Code.Should().Be(ErrorCodes.ConvertInitramfs);
        failure.Message.Should().Contain($"virtio_blk{suffix}");
        failure.Hint.Should().Contain("Install the package of the kernel");
        guest.Files.Written.Should().BeEmpty();
    }

    private static void Refused(byte[] content, string message)
    {
        using var guest = new SampleGuest();
        guest.Put(File, content);

        var failure = guest.Invoking(refused => refused.Convert()).Should().Throw<StepException>().Which;

        failure.Code.Should().Be(ErrorCodes.ConvertInitramfs);
        failure.Message.Should().StartWith(File).And.Contain(message);
        failure.Hint.Should().Contain("Rebuild it in the guest").And.Contain("--rebuild-initramfs=guest");
        guest.Files.Written.Should().BeEmpty();
    }
}
