using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Tests.Support;

namespace Hyper2Kvm.Helpers.Input.Tests;

/// <summary>A source names other files. None may make us read what its sender cannot read.</summary>
public sealed class HostileInputTests : IDisposable
{
    private const long MegaByte = 1 << 20;

    private readonly Workspace _space = new();

    public void Dispose() => _space.Dispose();

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../../etc/passwd")]
    [InlineData("/dev/sda")]
    [InlineData("sub/disk-flat.vmdk")]
    public void An_extent_outside_the_directory_of_its_descriptor_is_not_opened(string name)
    {
        var descriptor = Descriptor($"RW 1 FLAT \"{name}\" 0");

        var refusal = SourceImage.Refusal("vmdk", descriptor);

        refusal.Code.Should().Be(ErrorCodes.InputUnsupported);
        refusal.Message.Should().Contain(name);
    }

    [Fact]
    public void An_extent_that_is_a_link_out_of_the_directory_is_not_opened()
    {
        File.CreateSymbolicLink(_space.File("disk-flat.vmdk"), "/etc/passwd");

        SourceImage.Refusal("vmdk", Descriptor("RW 1 FLAT \"disk-flat.vmdk\" 0")).Code.Should().Be(ErrorCodes.InputUnsupported);
    }

    [Fact]
    public void A_descriptor_that_is_reached_by_a_link_has_its_extents_where_it_really_is()
    {
        Directory.CreateDirectory(_space.File("real"));
        var raw = _space.RawDisk("a.raw", MegaByte);
        Tool.Convert(raw, "vmdk", _space.File("real/disk.vmdk"), "subformat=monolithicFlat");
        File.CreateSymbolicLink(_space.File("link.vmdk"), _space.File("real/disk.vmdk"));

        SourceImage.Prepare("vmdk", _space.File("link.vmdk")).Disks[0].Plain!.Path.Should().Be(_space.File("real/disk-flat.vmdk"));
    }

    [Theory]
    [InlineData("json:{\"driver\":\"nbd\",\"host\":\"10.0.0.1\"}")]
    [InlineData("nbd://10.0.0.1/")]
    [InlineData("http://10.0.0.1/x")]
    [InlineData("/etc/passwd")]
    [InlineData("../up.raw")]
    public void A_qcow2_whose_backing_file_is_not_beside_it_is_refused(string backing)
    {
        var image = _space.File("top.qcow2");
        Tool.Run("qemu-img", "create", "-u", "-f", "qcow2", "-b", backing, "-F", "raw", image, "1M");

        SourceImage.Refusal("disk", image).Code.Should().Be(ErrorCodes.InputUnsupported);
    }

    [Fact]
    public void A_qcow2_that_does_not_say_the_format_of_its_backing_file_is_refused()
    {
        var image = _space.File("top.qcow2");
        _space.RawDisk("base.raw", MegaByte);
        Tool.Run("qemu-img", "create", "-u", "-f", "qcow2", "-b", "base.raw", "-F", "raw", image, "1M");

        // The header extension "backing file format" becomes one that nobody knows.
        var bytes = File.ReadAllBytes(image);
        byte[] backingFormat = [0xe2, 0x79, 0x2a, 0xca];
        bytes[bytes.AsSpan().IndexOf(backingFormat)] = 0x77;
        File.WriteAllBytes(image, bytes);

        SourceImage.Refusal("disk", image).Code.Should().Be(ErrorCodes.InputUnsupported);
    }

    [Fact]
    public void A_qcow2_that_backs_itself_ends()
    {
        var image = _space.File("loop.qcow2");
        Tool.Run("qemu-img", "create", "-u", "-f", "qcow2", "-b", "loop.qcow2", "-F", "qcow2", image, "1M");

        SourceImage.Refusal("disk", image).Code.Should().Be(ErrorCodes.InputCorrupt);
    }

    [Fact]
    public void A_qcow2_with_its_data_in_another_file_is_refused()
    {
        var image = _space.File("meta.qcow2");
        Tool.Run("qemu-img", "create", "-f", "qcow2", "-o", $"data_file={_space.File("data.raw")}", image, "1M");

        SourceImage.Refusal("disk", image).Code.Should().Be(ErrorCodes.InputUnsupported);
    }

    [Fact]
    public void A_snapshot_whose_parent_is_elsewhere_is_refused()
    {
        var descriptor = Descriptor("RW 1 FLAT \"d-flat.vmdk\" 0", "parentCID=12345678\nparentFileNameHint=\"/etc/passwd\"");
        File.WriteAllBytes(_space.File("d-flat.vmdk"), new byte[512]);

        SourceImage.Refusal("vmdk", descriptor).Code.Should().Be(ErrorCodes.InputUnsupported);
    }

    [Fact]
    public void A_snapshot_whose_parent_was_changed_after_it_is_refused()
    {
        Tool.Convert(_space.RawDisk("a.raw", MegaByte), "vmdk", _space.File("base.vmdk"));
        Tool.Run("qemu-img", "create", "-f", "vmdk", "-b", _space.File("base.vmdk"), "-F", "vmdk", _space.File("snap.vmdk"));
        Tool.Run("qemu-io", "-f", "vmdk", "-c", "write -P 1 0 4096", _space.File("base.vmdk"));

        SourceImage.Refusal("vmdk", _space.File("snap.vmdk")).Code.Should().Be(ErrorCodes.InputCorrupt);
    }

    [Fact]
    public void A_missing_extent_is_named_with_the_descriptor_that_wants_it()
    {
        Tool.Convert(_space.RawDisk("a.raw", MegaByte), "vmdk", _space.File("disk.vmdk"), "subformat=twoGbMaxExtentSparse");
        File.Delete(_space.File("disk-s001.vmdk"));

        var refusal = SourceImage.Refusal("vmdk", _space.File("disk.vmdk"));

        refusal.Code.Should().Be(ErrorCodes.InputExtentMissing);
        refusal.Message.Should().Contain(_space.File("disk-s001.vmdk"));
    }

    [Theory]
    [InlineData("monolithicFlat", "disk-flat.vmdk")]
    [InlineData("twoGbMaxExtentSparse", "disk-s001.vmdk")]
    public void An_extent_that_is_too_short_is_named(string subformat, string extent)
    {
        Tool.Convert(_space.RawDisk("a.raw", MegaByte), "vmdk", _space.File("disk.vmdk"), $"subformat={subformat}");
        using (var stream = new FileStream(_space.File(extent), FileMode.Open))
        {
            stream.SetLength(stream.Length - 4096);
        }

        var failure = FluentActions.Invoking(() => SourceImage.Prepare("vmdk", _space.File("disk.vmdk"))).Should().Throw<StepException>().Which;

        failure.Code.Should().Be(ErrorCodes.InputTruncated);
        failure.Message.Should().Contain(_space.File(extent));
    }

    [Theory]
    [InlineData("disk-flat.vmdk", "monolithicFlat")]
    [InlineData("disk-s001.vmdk", "twoGbMaxExtentSparse")]
    public void An_extent_that_is_named_instead_of_its_descriptor_is_told_so(string extent, string subformat)
    {
        Tool.Convert(_space.RawDisk("a.raw", MegaByte), "vmdk", _space.File("disk.vmdk"), $"subformat={subformat}");

        var refusal = SourceImage.Refusal("vmdk", _space.File(extent));

        refusal.Code.Should().Be(ErrorCodes.InputFormat);
        refusal.Hint.Should().Contain("descriptor");
    }

    [Theory]
    [InlineData("RDONLY 1 FLAT \"d-flat.vmdk\" 0")]
    [InlineData("RW 1 ZERO")]
    [InlineData("RW 1 VMFSRDM \"d-flat.vmdk\"")]
    public void Extents_that_QEMU_would_leave_out_without_a_word_are_refused(string line)
    {
        File.WriteAllBytes(_space.File("d-flat.vmdk"), new byte[512]);

        SourceImage.Refusal("vmdk", Descriptor(line)).Code.Should().Be(ErrorCodes.InputUnsupported);
    }

    private string Descriptor(string extent, string header = "parentCID=ffffffff")
    {
        var path = _space.File("disk.vmdk");
        File.WriteAllText(path, $"# Disk DescriptorFile\nversion=1\nCID=fffffffe\n{header}\ncreateType=\"monolithicFlat\"\n\n{extent}\n");
        return path;
    }
}
