using System.Text;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Initramfs;

public class CpioTests
{
    [Fact]
    public void An_archive_of_the_real_cpio_passes_through_byte_for_byte_with_hard_links_devices_and_times()
    {
        using var directory = new TemporaryDirectory();
        Archives.Tool("sh", [], "-c", $"cd {directory.Path} && mkdir -p a/b && printf 12345 > a/b/f && ln a/b/f a/g && ln -s b/f a/l && mkfifo a/p && touch -d @77 a/e && chmod 4755 a/e");
        var made = Archives.Tool("sh", [], "-c", $"cd {directory.Path} && find . | LC_ALL=C sort | cpio -o -H newc --quiet");

        var entries = CpioReader.Read(made, out var length);
        using var writer = new CpioWriter(100);
        foreach (var entry in entries.Where(entry => !entry.IsTrailer))
            writer.Add(entry);

        writer.Finish().Should().Equal(made);
        made.AsSpan(length).IndexOfAnyExcept((byte)0).Should().Be(-1);
        entries.Select(entry => entry.Path).Should().BeEquivalentTo(".", "a", "a/b", "a/b/f", "a/e", "a/g", "a/l", "a/p", "TRAILER!!!");
        entries.Single(entry => entry.Path == "a/e").ModifiedSeconds.Should().Be(77);
    }

    [Theory]
    [InlineData("../etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    public void An_entry_that_leads_out_of_the_archive_is_refused(string name)
        => Reading(Archives.Raw(name, 0x81A4, [1])).Should().Throw<InitramfsFormatException>().WithMessage("*leads out of the archive*");

    [Theory]
    [InlineData("FFFFFFFF", null, "*longer than the archive*")]
    [InlineData("7FFFFFFC", null, "*longer than the archive*")]
    [InlineData("0000zz00", null, "*not hexadecimal*")]
    [InlineData("-0000001", null, "*not hexadecimal*")]
    [InlineData(null, "00000000", "*a name of 0 bytes*")]
    [InlineData(null, "FFFFFFFF", "*a name of 4294967295 bytes*")]
    [InlineData(null, "00001001", "*a name of 4097 bytes*")]
    [InlineData(null, "00000FFF", "*longer than the archive*")]
    [InlineData(null, "00000002", "*does not end where it should*")]
    public void Wrong_numbers_are_refused(string? dataLength, string? nameLength, string message)
        => Reading(Archives.Raw("name", 0x81A4, [1, 2, 3], dataLength, nameLength)).Should().Throw<InitramfsFormatException>().WithMessage(message);

    [Fact]
    public void Every_truncation_is_refused()
    {
        var whole = Archives.Raw("name", 0x81A4, Encoding.ASCII.GetBytes("content"));
        for (var length = 1; length < whole.Length - 4; length++)
            Reading(whole[..length]).Should().Throw<InitramfsFormatException>($"{length} bytes are not all");
    }

    private static Action Reading(byte[] archive) => () => CpioReader.Read(archive, out _);
}
