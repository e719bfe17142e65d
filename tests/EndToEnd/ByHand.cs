using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.EndToEnd.Support;

namespace Hyper2Kvm.EndToEnd;

/// <summary>The examples of <c>scripts/examples</c>, as they stand there.</summary>
[Trait("speed", "slow")]
public sealed class ByHand : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_steps_by_hand_make_what_the_one_command_makes()
    {
        var disks = GuestFixture.Disks(GuestFixture.Variant("debian-novirtio", "vmdk-sparse"), "vmdk");
        var byCommand = Conversions.ToLocal(_scratch, "vmdk", disks, "-on", "disk0");
        var other = Directory.CreateDirectory(_scratch.File("by-hand")).FullName;

        var result = Example("convert-by-hand", [other, .. disks]);

        result.ExitCode.Should().Be(0, result.ErrorText);
        Directory.EnumerateFiles(other).Select(Path.GetFileName).Should().BeEquivalentTo(Directory.EnumerateFiles(_scratch.Target).Select(Path.GetFileName));
        _ = byCommand;
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void A_folder_of_VMDKs_is_converted_and_a_bad_one_does_not_stop_the_others()
    {
        var folder = Directory.CreateDirectory(_scratch.File("folder")).FullName;
        File.Copy(GuestFixture.Disks(GuestFixture.Variant("debian-novirtio", "vmdk-stream"), "vmdk")[0], Path.Combine(folder, "b good.vmdk"));
        File.WriteAllText(Path.Combine(folder, "a-bad.vmdk"), "not a disk");

        var result = Example("convert-folder", folder, _scratch.Target);

        result.ExitCode.Should().Be(1);
        result.ErrorText.Should().Contain("a-bad.vmdk (exit ");
        Directory.EnumerateFiles(_scratch.Target).Select(Path.GetFileName).Should().BeEquivalentTo("b good-sda", "b good.xml");
        _scratch.AssertNothingLeft();
    }

    private CommandResult Example(string name, params string[] arguments)
        => CommandRunner.Run(new Command(Path.Combine(Product.Root, "scripts/examples", name), arguments)
        {
            Environment = new Dictionary<string, string?>(_scratch.Environment) { ["TMPDIR"] = _scratch.Path },
        });
}
