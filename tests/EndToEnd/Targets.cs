using System.Xml.Linq;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.EndToEnd.Support;
using Hyper2Kvm.Helpers.Output.Tests.Libvirt;

namespace Hyper2Kvm.EndToEnd;

/// <summary>The other targets, with a real guest: a real libvirtd, and the script as a person runs it.</summary>
[Trait("speed", "slow")]
public sealed class Targets : IDisposable
{
    private static readonly TimeSpan BootDeadline = TimeSpan.FromMinutes(10);

    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public void A_guest_is_defined_in_libvirt_and_a_second_one_of_its_name_is_refused(string format)
    {
        using var libvirt = new PrivateLibvirt();
        string[] run = ["convert", "-i", "vmdk", .. GuestFixture.Disks(GuestFixture.Variant("debian-novirtio", "vmdk-monolithicSparse"), "vmdk"),
            "-o", "libvirt", "-oc", libvirt.Connection, "-os", "default", "-of", format, "-on", "moved", "-n", "lan", "--verify"];

        var first = Product.Run(_scratch, run);
        var second = Product.Run(_scratch, run);

        first.ExitCode.Should().Be(0, first.ErrorText);
        second.ExitCode.Should().Be(ErrorCodes.OutputExists.ExitCode, second.ErrorText);
        _scratch.AssertNothingLeft();
        Directory.EnumerateFileSystemEntries(libvirt.PoolDirectory).Select(Path.GetFileName).Should().BeEquivalentTo("moved-sda", "moved-sdb");
        var domain = XDocument.Parse(libvirt.Virsh("dumpxml", "--inactive", "moved")).Root!;
        domain.Descendants("disk").Select(disk => disk.Element("source")!.Attribute("volume")!.Value).Should().Equal("moved-sda", "moved-sdb");
        domain.Descendants("interface").Single().Element("source")!.Attribute("network")!.Value.Should().Be("lan");
        libvirt.Virsh("vol-list", "default").Should().Contain("moved-sda").And.Contain("moved-sdb");
    }

    [Fact]
    public void A_UEFI_guest_boots_from_its_script_with_its_address()
    {
        var source = GuestFixture.Directory("debian-uefi");
        var before = GuestFixture.Digests(source);
        var converted = Product.Run(_scratch, ["convert", "-i", "disk", "-if", "raw", .. GuestFixture.Disks(source, "raw"), "-o", "qemu", "-of", "qcow2", "-os", _scratch.Target, "-on", "guest"]);
        converted.ExitCode.Should().Be(0, converted.ErrorText);
        _scratch.AssertNothingLeft();

        new Expected("debian-uefi").AssertUp(BootFromScript(Path.Combine(_scratch.Target, "guest.sh")));

        GuestFixture.Digests(source).Should().Equal(before, "the source is never written");
    }

    [Fact]
    public void Nothing_takes_a_guest_for_a_rehearsal()
    {
        var result = Product.Run(_scratch, ["convert", "-i", "disk", "-if", "raw", .. GuestFixture.Disks(GuestFixture.Directory("debian-xfs"), "raw"), "-o", "null"]);

        result.ExitCode.Should().Be(0, result.ErrorText);
        _scratch.AssertNothingLeft();
    }

    private Boot.Result BootFromScript(string script)
    {
        using var deadline = new CancellationTokenSource(BootDeadline);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
        var serial = new System.Text.StringBuilder();
        var reached = false;
        var command = new Command(script, "-snapshot", "-display", "none", "-monitor", "none", "-serial", "stdio")
        {
            Environment = new Dictionary<string, string?> { ["ACCEL"] = "tcg", ["TMPDIR"] = _scratch.Path },
        };
        using var qemu = ChildProcess.Start(command, output =>
        {
            using var reader = new StreamReader(output);
            for (var letter = reader.Read(); letter >= 0; letter = reader.Read())
            {
                serial.Append((char)letter);
                if (letter is ':' or '\n' && serial.ToString() is var text && text.Contains("FIXTURE-END", StringComparison.Ordinal) && text.Contains("login:", StringComparison.Ordinal))
                {
                    reached = true;
                    break;
                }
            }

            over.Cancel();
        });
        var waiting = () => qemu.Wait(over.Token);
        waiting.Should().Throw<OperationCanceledException>();
        return new Boot.Result(reached, serial.ToString());
    }
}
