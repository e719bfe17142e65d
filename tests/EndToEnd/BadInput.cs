using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.EndToEnd.Support;

namespace Hyper2Kvm.EndToEnd;

/// <summary>What people get wrong: each a message that names the file, an exit code of its own, and nothing left.</summary>
public sealed class BadInput : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void An_empty_file()
    {
        var file = _scratch.File("empty.vmdk");
        File.WriteAllBytes(file, []);

        Fails(ErrorCodes.InputEmpty, file, "-i", "vmdk", file);
    }

    [Fact]
    public void A_file_that_is_not_there() => Fails(ErrorCodes.InputMissing, "nowhere.vmdk", "-i", "vmdk", _scratch.File("nowhere.vmdk"));

    [Fact]
    public void A_text_file_named_vmdk()
    {
        var file = _scratch.File("notes.vmdk");
        File.WriteAllText(file, string.Concat(Enumerable.Repeat("Dear diary, this is not a disk.\n", 300)));

        Fails(ErrorCodes.InputFormat, file, "-i", "vmdk", file);
    }

    [Fact]
    public void A_truncated_VMDK()
    {
        var whole = MakeImage("vmdk", "subformat=monolithicSparse");
        var file = _scratch.File("half.vmdk");
        var bytes = File.ReadAllBytes(whole);
        File.WriteAllBytes(file, bytes[..(bytes.Length / 2)]);

        Fails(ErrorCodes.InputTruncated, file, "-i", "vmdk", file);
    }

    [Fact]
    public void A_missing_extent()
    {
        var descriptor = MakeImage("vmdk", "subformat=twoGbMaxExtentSparse");
        File.Delete(_scratch.File("disk-s001.vmdk"));

        Fails(ErrorCodes.InputExtentMissing, "disk-s001.vmdk", "-i", "vmdk", descriptor);
    }

    [Fact]
    public void A_disk_with_no_system_on_it()
    {
        var file = _scratch.File("nothing.raw");
        var data = new byte[4 << 20];
        new Random(1).NextBytes(data);
        File.WriteAllBytes(file, data);

        Fails(ErrorCodes.ConvertNoSystem, file, "-i", "disk", "-if", "raw", file);
    }

    [Fact]
    public void A_target_directory_that_is_not_there()
    {
        var file = MakeImage("vmdk", "subformat=monolithicSparse");
        var result = Product.Run(_scratch, "convert", "-i", "vmdk", file, "-o", "local", "-os", _scratch.File("nowhere"));

        Check(result, ErrorCodes.OutputMissing, "nowhere");
    }

    [Fact]
    public void A_target_that_exists()
    {
        var file = MakeImage("vmdk", "subformat=monolithicSparse");
        var taken = Path.Combine(_scratch.Target, "mine-sda");
        File.WriteAllText(taken, "somebody's");

        Check(
            Product.Run(_scratch, "convert", "-i", "vmdk", file, "-o", "local", "-os", _scratch.Target, "-on", "mine"),
            ErrorCodes.OutputExists,
            taken);
        File.ReadAllText(taken).Should().Be("somebody's");
        Directory.EnumerateFileSystemEntries(_scratch.Target).Should().ContainSingle();
    }

    [Fact]
    public void A_target_without_write_permission()
    {
        var file = MakeImage("vmdk", "subformat=monolithicSparse");

        // Root may write anywhere but here, on any host.
        Check(Product.Run(_scratch, "convert", "-i", "vmdk", file, "-o", "local", "-os", "/proc/self"), ErrorCodes.OutputPermission, "/proc/self");
    }

    [Fact]
    [Trait("speed", "slow")]
    public void A_target_that_is_full()
    {
        // A small file system in a mount namespace of the run's own; what it holds afterwards is printed last.
        const string Script = """
            mount -t tmpfs -o size=64m none "$1"
            shift
            "$@"
            code=$?
            ls -A "$0"
            exit $code
            """;
        var disks = GuestFixture.Disks(GuestFixture.Variant("debian-novirtio", "vmdk-monolithicSparse"), "vmdk");
        string[] run = [Product.Hyper2Kvm, "convert", "-q", "-i", "vmdk", .. disks, "-o", "local", "-os", _scratch.Target, "-on", "guest"];

        var result = CommandRunner.Run(new Command("unshare", ["--mount", "--propagation", "private", "bash", "-c", Script, _scratch.Target, _scratch.Target, .. run])
        {
            Environment = _scratch.Environment,
        });

        Check(result, ErrorCodes.CopyNoSpace, "disk 0");
        result.OutputText.Trim().Should().BeEmpty("the target holds nothing of a failed run");
    }

    [Fact]
    public void A_missing_tool()
    {
        var file = MakeImage("vmdk", "subformat=monolithicSparse");
        var bin = Directory.CreateDirectory(_scratch.File("bin")).FullName;
        foreach (var tool in new[] { "setpriv", "qemu-nbd", "unshare", "setsid" })
        {
            File.CreateSymbolicLink(Path.Combine(bin, tool), ToolPackages.Find(tool)!);
        }

        var command = Product.Command(_scratch, "convert", "-i", "vmdk", file, "-o", "local", "-os", _scratch.Target);
        var environment = new Dictionary<string, string?>(command.Environment) { ["PATH"] = bin };
        var result = CommandRunner.Run(command with { Environment = environment });

        Check(result, ErrorCodes.ToolMissing, "nbdkit");
        result.ErrorText.Should().Contain("apt-get install nbdkit");
    }

    [Fact]
    public void An_option_that_does_not_exist()
    {
        var result = Product.Run(_scratch, "convert", "--no-such-option", "x.vmdk");

        result.ExitCode.Should().Be(ErrorCodes.Usage.ExitCode);
        result.ErrorText.Should().Contain("--no-such-option");
    }

    [Fact]
    public void An_input_type_that_does_not_exist()
    {
        var result = Product.Run(_scratch, "convert", "-i", "floppy", "x.img", "-o", "null");

        Check(result, ErrorCodes.Usage, "input-floppy");
        result.ErrorText.Should().Contain("vmdk").And.Contain("vhdx", "the message names those that exist");
    }

    private void Fails(ErrorCode code, string named, params string[] input)
    {
        Check(Product.Run(_scratch, ["convert", .. input, "-o", "local", "-os", _scratch.Target]), code, named);
        _scratch.AssertTargetEmpty();
    }

    private void Check(CommandResult result, ErrorCode code, string named)
    {
        result.ExitCode.Should().Be(code.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain(named).And.Contain("what to do:").And.Contain(code.Name);
        _scratch.AssertNothingLeft();
    }

    /// <summary>A small image with random data, so that every part of it is really there.</summary>
    private string MakeImage(string format, string options)
    {
        var raw = _scratch.File("disk.raw");
        var data = new byte[8 << 20];
        new Random(2).NextBytes(data);
        File.WriteAllBytes(raw, data);
        var image = _scratch.File($"disk.{format}");
        CommandRunner.Run(new Command("qemu-img", "convert", "-f", "raw", "-O", format, "-o", options, raw, image)).ExitCode.Should().Be(0);
        return image;
    }
}
