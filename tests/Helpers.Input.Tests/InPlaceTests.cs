using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Tests.Support;

namespace Hyper2Kvm.Helpers.Input.Tests;

public sealed class InPlaceTests : IDisposable
{
    private const long MegaByte = 1 << 20;

    private readonly Workspace _space = new();

    public void Dispose() => _space.Dispose();

    [Theory]
    [InlineData("disk", "raw", null)]
    [InlineData("disk", "qcow2", null)]
    [InlineData("vmdk", "vmdk", "subformat=monolithicSparse")]
    [InlineData("vmdk", "vmdk", "subformat=monolithicFlat")]
    [InlineData("vmdk", "vmdk", "subformat=twoGbMaxExtentSparse")]
    [InlineData("vmdk", "vmdk", "subformat=twoGbMaxExtentFlat")]
    [InlineData("vhd", "vpc", "subformat=fixed,force_size=on")]
    [InlineData("vhd", "vpc", "subformat=dynamic,force_size=on")]
    [InlineData("vhdx", "vhdx", null)]
    [InlineData("vdi", "vdi", null)]
    public void Writes_reach_the_source_and_nothing_beyond_the_disk_can_be_written(string type, string format, string? options)
    {
        var raw = _space.RawDisk("a.raw", 4 * MegaByte);
        var image = _space.File($"disk.{format}");
        Tool.Convert(raw, format, image, options);

        var result = _space.Input(type, "--in-place", image);
        result.ExitCode.Should().Be(0, result.ErrorText);
        Tool.Size(_space.Socket(0)).Should().Be(4 * MegaByte);
        Tool.Write(_space.Socket(0), 1 * MegaByte, 4096, 0x21);
        var processes = _space.Processes();
        Tool.Run("sh", "-c", $"kill {_space.KeeperId(type)}");
        processes.Should().AllSatisfy(process => process.WaitForExit(TimeSpan.FromSeconds(30)).Should().BeTrue());

        Tool.Run("qemu-io", "-f", "raw", "-c", $"write -P 0x21 {MegaByte} 4096", raw);
        Tool.Run("qemu-img", "compare", "-f", format, "-F", "raw", image, raw);
    }

    [Fact]
    public void A_stream_optimised_VMDK_cannot_be_converted_in_place()
    {
        var image = _space.File("disk.vmdk");
        Tool.Convert(_space.RawDisk("a.raw", MegaByte), "vmdk", image, "subformat=streamOptimized");

        SourceImage.Refusal("vmdk", image, inPlace: true).Code.Should().Be(ErrorCodes.InputUnsupported);
    }

    [Fact]
    public void A_disk_that_somebody_reads_is_not_written()
    {
        var image = _space.File("disk.qcow2");
        Tool.Convert(_space.RawDisk("a.raw", MegaByte), "qcow2", image);
        _space.Input("disk", image).ExitCode.Should().Be(0);

        SourceImage.Refusal("disk", image, inPlace: true).Code.Should().Be(ErrorCodes.InputBusy);
    }
}
