using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.CommandLine;
using Hyper2Kvm.Helpers.Input.Inputs;
using Hyper2Kvm.Helpers.Input.Tests.Support;

namespace Hyper2Kvm.Helpers.Input.Tests;

public sealed class MetadataTests : IDisposable
{
    private const long MegaByte = 1 << 20;

    private readonly Workspace _space = new();

    public void Dispose() => _space.Dispose();

    [Fact]
    public void A_VMDK_tells_its_bus_and_hypervisor_and_gets_a_default_machine()
    {
        var image = _space.File("web server.01.vmdk");
        Tool.Convert(_space.RawDisk("a.raw", 3 * MegaByte), "vmdk", image, "adapter_type=lsilogic");

        var source = SourceImage.Prepare("vmdk", image).Metadata;

        source.Name.Should().Be("web server.01");
        source.Hypervisor.Should().Be("vmware");
        source.MemoryBytes.Should().Be(2048 * MegaByte);
        source.Cpu.Count.Should().Be(1);
        source.Firmware.Should().Be(Firmware.Unknown);
        source.Disks.Should().Equal(new DiskMetadata { Index = 0, Bus = DiskBus.Scsi, Format = "vmdk", VirtualBytes = 3 * MegaByte, Path = image });
        source.Nics.Should().Equal(new NicMetadata { Mac = null, Kind = "network", Source = "default" });
    }

    [Fact]
    public void A_VHD_of_VirtualBox_has_the_size_of_its_footer_and_one_of_Virtual_PC_that_of_its_geometry()
    {
        var image = _space.File("a.vhd");
        Tool.Convert(_space.RawDisk("a.raw", 33 * MegaByte), "vpc", image, "subformat=dynamic");
        var bytes = File.ReadAllBytes(image);
        var footer = bytes[^512..];
        var currentSize = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(footer.AsSpan(48));
        footer[57]--; // One cylinder less than the size.
        var geometry = ((footer[56] << 8) | footer[57]) * (long)footer[58] * footer[59] * 512;
        foreach (var (creator, size) in new[] { ("vbox", currentSize), ("vpc ", geometry) })
        {
            Seal(footer, creator);
            footer.CopyTo(bytes, 0);
            footer.CopyTo(bytes, bytes.Length - 512);
            File.WriteAllBytes(image, bytes);

            SourceImage.Prepare("vhd", image).Metadata.Disks[0].VirtualBytes.Should().Be(size);
            _space.Input("vhd", "--owner", "none", image).ExitCode.Should().Be(0);
            Tool.Size(_space.Socket(0)).Should().Be(size, "QEMU is told to see the same");
            var processes = _space.Processes();
            Tool.Run("sh", "-c", $"kill {_space.KeeperId("vhd")}");
            processes.Should().AllSatisfy(process => process.WaitForExit(TimeSpan.FromSeconds(30)).Should().BeTrue());
        }
    }

    [Fact]
    public void Print_source_prints_the_metadata_and_leaves_nothing()
    {
        var image = _space.File("a.vdi");
        Tool.Convert(_space.RawDisk("a.raw", MegaByte), "vdi", image);

        var result = Tool.Input("vdi", "--print-source", image);

        result.ExitCode.Should().Be(0);
        var source = System.Text.Json.JsonSerializer.Deserialize(result.OutputText, DocumentContext.Default.SourceMetadata)!;
        source.Hypervisor.Should().Be("virtualbox");
        Directory.Exists(_space.Work).Should().BeFalse();
    }

    [Fact]
    public void New_sources_forget_the_format_and_the_wish_of_those_before()
    {
        var before = new JobInput { Type = "disk", Sources = ["/a.raw"], Format = "raw", InPlace = true };

        InputFlags.Merge(before, "vmdk", new InputFlags(["/b.vmdk"], null, false, new Dictionary<string, string>())).Should().BeEquivalentTo(new JobInput { Type = "vmdk", Sources = ["/b.vmdk"] });
        InputFlags.Merge(before, "disk", new InputFlags([], null, false, new Dictionary<string, string>())).Should().BeSameAs(before);
        FluentActions.Invoking(() => InputFlags.Merge(new JobInput(), "disk", new InputFlags([], null, false, new Dictionary<string, string>()))).Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.Usage);
    }

    [Fact]
    public void The_name_that_it_was_called_by_tells_the_type()
    {
        InvokedAs.From("/usr/libexec/input-vhdx", ["a"]).Should().BeEquivalentTo(new InvokedAs("vhdx", ["a"]));
        InvokedAs.From("input", ["vdi", "a"]).Should().BeEquivalentTo(new InvokedAs("vdi", ["a"]));
        InvokedAs.From("input", ["--help"]).Type.Should().BeNull();
    }

    [Fact]
    public void Every_type_has_its_link()
        => InputTypes.All.Should().AllSatisfy(input => File.Exists(Tool.Program(input.Name)).Should().BeTrue());

    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("--owner=me")]
    [InlineData("-if=zip")]
    [InlineData("-if=qcow2")]
    public void A_wrong_command_line_is_told_with_exit_code_2(string option)
    {
        var image = _space.File("a.vmdk");
        Tool.Convert(_space.RawDisk("a.raw", MegaByte), "vmdk", image);

        var result = _space.Input("vmdk", option, image);

        result.ExitCode.Should().Be(ErrorCodes.Usage.ExitCode, result.ErrorText);
    }

    private static void Seal(Span<byte> footer, string creator)
    {
        System.Text.Encoding.ASCII.GetBytes(creator, footer[28..]);
        footer.Slice(64, 4).Clear();
        var sum = 0u;
        foreach (var value in footer)
        {
            sum += value;
        }

        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(footer[64..], ~sum);
    }
}
