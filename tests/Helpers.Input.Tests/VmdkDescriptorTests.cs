using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Images.Vmdk;

namespace Hyper2Kvm.Helpers.Input.Tests;

public sealed class VmdkDescriptorTests
{
    [Fact]
    public void A_descriptor_of_ESX_with_carriage_returns_is_read()
    {
        var descriptor = Parse("""
            # Disk DescriptorFile
            version=1
            encoding="UTF-8"
            CID=1a2b3c4d
            parentCID=ffffffff
            isNativeSnapshot="no"
            createType = "vmfs"

            # Extent description
            RW 33554432 VMFS "my vm-flat.vmdk"

            # The Disk Data Base
            ddb.adapterType = "lsilogic"
            ddb.uuid = "60 00 C2 9e"
            """.ReplaceLineEndings("\r\n"));

        descriptor.CreateType.Should().Be("vmfs");
        descriptor.ContentId.Should().Be(0x1a2b3c4d);
        descriptor.HasParent.Should().BeFalse();
        descriptor.AdapterType.Should().Be("lsilogic");
        descriptor.Bytes.Should().Be(16L << 30);
        descriptor.Extents.Should().Equal(new VmdkExtent("RW", 33554432, "VMFS", "my vm-flat.vmdk", 0));
    }

    [Fact]
    public void A_flat_extent_has_its_offset_in_sectors()
        => Parse("createType=\"custom\"\nRW 63 FLAT \"a.vmdk\" 2048\n").Extents[0].Offset.Should().Be(2048);

    [Fact]
    public void A_snapshot_names_its_parent()
    {
        var descriptor = Parse("CID=2\nparentCID=00000001\nparentFileNameHint=\"base.vmdk\"\ncreateType=\"vmfsSparse\"\nRW 8 VMFSSPARSE \"s-delta.vmdk\"\n");

        descriptor.HasParent.Should().BeTrue();
        descriptor.ParentContentId.Should().Be(1);
        descriptor.ParentFileName.Should().Be("base.vmdk");
    }

    [Theory]
    [InlineData("RW 8")]
    [InlineData("RW many FLAT \"a\" 0")]
    [InlineData("RW 0 FLAT \"a\" 0")]
    [InlineData("RW -8 FLAT \"a\" 0")]
    [InlineData("RW 99999999999999 FLAT \"a\" 0")]
    [InlineData("RW 8 FLAT \"a")]
    public void An_extent_line_that_cannot_be_understood_is_never_left_out(string line)
        => FluentActions.Invoking(() => Parse($"createType=\"monolithicFlat\"\nRW 8 FLAT \"good.vmdk\" 0\n{line}\n"))
            .Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.InputCorrupt);

    private static VmdkDescriptor Parse(string text) => VmdkDescriptor.Parse(Encoding.UTF8.GetBytes(text), "/vm/test.vmdk");
}
