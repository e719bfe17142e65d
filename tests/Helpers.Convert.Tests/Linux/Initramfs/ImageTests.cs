using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Initramfs;

public class ImageTests
{
    [Theory]
    [InlineData("none", ArchiveCompression.None)]
    [InlineData("gzip", ArchiveCompression.Gzip)]
    [InlineData("zstd", ArchiveCompression.Zstd)]
    [InlineData("xz", ArchiveCompression.Xz)]
    [InlineData("lz4", ArchiveCompression.Lz4)]
    [InlineData("bzip2", ArchiveCompression.Bzip2)]
    [InlineData("lzma", ArchiveCompression.Lzma)]
    [InlineData("lzo", ArchiveCompression.Lzo)]
    public void Microcode_stays_byte_for_byte_and_what_the_kernel_unpacks_has_the_new_file(string name, object compression)
    {
        byte[] leading = [.. Archives.Microcode(), 0, 0, 0, 0];
        byte[] file = [.. leading, .. Archives.Pack(name, Archives.Debian("6.1"))];
        var image = Read(file);
        image.Compression.Should().Be((ArchiveCompression)compression);
        var content = new InitramfsContent();
        content.Put(image, "conf/conf.d/resume", "RESUME=none\n"u8.ToArray());
        content.Put(image, "lib/modules/6.1/kernel/drivers/block/virtio_blk.ko", Archives.Module(".ko"));

        var composed = InitramfsComposer.Compose(image, content, default);

        composed.AsSpan(0, leading.Length).SequenceEqual(leading).Should().BeTrue();
        var edited = Read(composed);
        edited.Compression.Should().Be((ArchiveCompression)compression);
        edited.Content("conf/conf.d/resume")!.Value.ToArray().Should().Equal("RESUME=none\n"u8.ToArray());
        edited.Content("usr/lib/modules/6.1/kernel/drivers/block/virtio_blk.ko").Should().NotBeNull();
        edited.TryGet("usr/lib/modules/6.1/kernel/drivers/block", out var directory).Should().BeTrue();
        directory!.IsDirectory.Should().BeTrue();
        edited.Content("init")!.Value.ToArray().Should().Equal("#!/bin/sh\n"u8.ToArray());
        InitramfsComposer.Compose(image, content, default).Should().Equal(composed, "the same guest gives the same file");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("xz")]
    [InlineData("lz4")]
    public void A_file_of_several_archives_gets_one_more_whose_files_replace_the_others(string compression)
    {
        var second = Archives.Cpio(writer => writer.AddFile("second", 1, "2"u8));
        byte[] file = compression == "none"
            ? [.. Archives.Pack("gzip", Archives.Debian("6.1")), .. Archives.Pack("gzip", second)]
            : [.. Archives.Pack(compression, Archives.Debian("6.1")), .. Archives.Pack(compression, second)];
        var image = Read(file);
        var content = new InitramfsContent();
        content.Put(image, "second", "3"u8.ToArray());
        InitramfsComposer.IsRewritten(image).Should().BeFalse();

        var composed = InitramfsComposer.Compose(image, content, default);

        composed.AsSpan(0, file.Length).SequenceEqual(file).Should().BeTrue();
        Read(composed).Content("second")!.Value.ToArray().Should().Equal("3"u8.ToArray());
        Read(composed).Content("init").Should().NotBeNull();
    }

    [Fact]
    public void The_real_tools_read_what_was_packed_again()
    {
        using var directory = new TemporaryDirectory();
        var image = Read(Archives.Pack("zstd", Archives.Debian("6.1")));
        var content = new InitramfsContent();
        content.Put(image, "new/file", "x"u8.ToArray());
        var path = Path.Combine(directory.Path, "initrd");
        File.WriteAllBytes(path, InitramfsComposer.Compose(image, content, default));
        var listed = System.Text.Encoding.ASCII.GetString(Archives.Tool("sh", [], "-c", $"zstd -dc {path} | cpio -t --quiet"));
        listed.Split('\n').Should().Contain(["init", "lib", "new", "new/file"]);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("xz")]
    [InlineData("lz4")]
    public void A_decompression_bomb_is_refused_at_the_limit(string compression)
    {
        var bomb = Archives.Pack(compression, new byte[64 << 20]);
        var reading = () => InitramfsImage.Read(bomb, default, limit: 8 << 20);
        reading.Should().Throw<InitramfsFormatException>().WithMessage("*more than 8 MiB*");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("xz")]
    [InlineData("lz4")]
    public void A_truncated_file_is_refused(string compression)
    {
        var file = Archives.Pack(compression, Archives.Debian("6.1"));
        var reading = () => Read(file[..(file.Length / 2)]);
        reading.Should().Throw<InitramfsFormatException>();
    }

    [Theory]
    [InlineData(new byte[] { 0x04, 0x22, 0x4D, 0x18 }, "*lz4 in its modern frame*")]
    [InlineData(new byte[] { 1, 2, 3, 4 }, "*starts with 01020304*")]
    [InlineData(new byte[] { }, "*empty*")]
    [InlineData(new byte[] { 0, 0, 0, 0 }, "*empty*")]
    public void An_unknown_compression_is_refused_by_name(byte[] file, string message)
    {
        var reading = () => Read(file);
        reading.Should().Throw<InitramfsFormatException>().WithMessage(message);
    }

    [Fact]
    public void Links_of_directories_are_followed_and_a_loop_of_them_ends()
    {
        var image = Read(Archives.Cpio(writer =>
        {
            writer.Add(Archives.Link("lib", "/usr/./x/../lib"));
            writer.Add(Archives.Link("a", "b"));
            writer.Add(Archives.Link("b", "a"));
            writer.AddFile("usr/lib/f", 0, "1"u8);
        }));
        image.Content("lib/f").Should().NotBeNull();
        image.Content("a/f").Should().BeNull();
    }

    private static InitramfsImage Read(byte[] file) => InitramfsImage.Read(file, CancellationToken.None);
}
