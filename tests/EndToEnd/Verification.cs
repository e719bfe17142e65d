using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.EndToEnd.Support;

namespace Hyper2Kvm.EndToEnd;

/// <summary><c>hyper2kvm verify</c>, and the verification that every conversion ends with.</summary>
[Trait("speed", "slow")]
public sealed class Verification : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("debian-novirtio", "initramfs")]
    [InlineData("debian-sdboot", "firmware")]
    public void A_guest_that_does_not_boot_on_virtio_is_told_so_before_its_conversion_and_no_longer_after_it(string name, string check)
    {
        var source = GuestFixture.Disks(GuestFixture.Directory(name), "raw");
        var before = Product.Run(_scratch, ["verify", "-i", "disk", "-if", "raw", "--json", .. source]);
        before.ExitCode.Should().Be(ErrorCodes.ConvertVerify.ExitCode, before.ErrorText);
        before.OutputText.Should().Contain($"\"check\": \"{check}\"");

        var converted = Conversions.ToLocal(_scratch, "disk", source, "-if", "raw", "-of", "qcow2");
        var after = Product.Run(_scratch, ["verify", "-i", "disk", "-if", "qcow2", .. converted.Disks]);

        after.ExitCode.Should().Be(0, after.OutputText + after.ErrorText);
        after.OutputText.Should().Contain("nothing was found").And.NotContain("warning");
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void A_guest_that_would_not_boot_after_its_conversion_is_not_put_on_the_target()
    {
        var disks = GuestFixture.Disks(GuestFixture.Directory("debian-novirtio"), "raw");
        var damaged = WithoutCore(disks[0]);

        var result = Product.Run(_scratch, ["convert", "-i", "disk", "-if", "raw", damaged, disks[1], "-o", "local", "-os", _scratch.Target]);

        result.ExitCode.Should().Be(ErrorCodes.ConvertVerify.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain("sector 1, where nothing is").And.Contain("grub-install");
        _scratch.AssertTargetEmpty();
        _scratch.AssertNothingLeft();
        var kept = Directory.EnumerateFiles(_scratch.File("state"), ConversionReport.FileName, SearchOption.AllDirectories).Should().ContainSingle().Which;
        File.ReadAllText(kept).Should().Contain("\"verification\": {").And.Contain("where nothing is");
    }

    [Fact]
    public void A_damaged_file_system_is_told_and_one_whose_damage_the_guests_kernel_met_is_refused()
    {
        var disks = GuestFixture.Disks(GuestFixture.Directory("debian-novirtio"), "raw");
        var damaged = Copy(disks[1]);
        Run("debugfs", "-w", "-R", "clri /marker", $"{damaged}?offset=1048576");
        string[] conversion = ["convert", "-i", "disk", "-if", "raw", disks[0], damaged, "-o", "null"];

        var told = Product.Run(_scratch, conversion);
        Run("debugfs", "-w", "-R", "ssv state 3", $"{damaged}?offset=1048576");
        var refused = Product.Run(_scratch, conversion);

        told.ExitCode.Should().Be(0, told.ErrorText);
        (told.OutputText + told.ErrorText).Should().Contain("/dev/sdb1: its ext4 file system was damaged before the conversion: e2fsck: ").And.Contain("Run e2fsck -f on it");
        refused.ExitCode.Should().Be(ErrorCodes.ConvertFileSystem.ExitCode, refused.ErrorText);
        refused.ErrorText.Should().Contain("/dev/sdb1: the guest's kernel has met errors in its ext4 file system");
        _scratch.AssertNothingLeft();
    }

    private static void Run(string program, params string[] arguments)
        => Core.Processes.CommandRunner.Run(new Core.Processes.Command(program, arguments)).ExitCode.Should().Be(0);

    private string Copy(string disk)
    {
        var copy = _scratch.File($"copy-{Path.GetFileName(disk)}");
        Run("cp", "--sparse=always", disk, copy);
        File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return copy;
    }

    /// <summary>A copy of a disk on which the sectors between its boot record and its first partition are empty.</summary>
    private string WithoutCore(string disk)
    {
        const int SectorBytes = 512;
        const int GapSectors = 2047;
        var copy = Copy(disk);
        using var file = File.Open(copy, FileMode.Open);
        file.Position = SectorBytes;
        file.Write(new byte[GapSectors * SectorBytes]);
        return copy;
    }
}
