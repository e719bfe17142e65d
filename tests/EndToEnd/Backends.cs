using System.Text.Json.Nodes;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.EndToEnd.Support;

namespace Hyper2Kvm.EndToEnd;

/// <summary>Whatever mounts the file systems, the guest is the same: this host as root, FUSE drivers as an ordinary user, an appliance.</summary>
[Trait("speed", "slow")]
public sealed class Backends : IDisposable
{
    private const string Guest = "debian-novirtio";
    private const int Nobody = 65534;

    private readonly Scratch _scratch = new();
    private readonly string[] _disks = GuestFixture.Disks(GuestFixture.Directory(Guest), "raw");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void An_inspection_finds_the_same_by_the_appliance()
    {
        var direct = Inspect(Product.Command(_scratch, ["inspect", "--json", "-i", "disk", .. _disks]), "direct");
        var appliance = Inspect(WithAppliance(["inspect", "--backend", "appliance", "--json", "-i", "disk", .. _disks]), "appliance");

        appliance.Should().Be(direct);
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void An_inspection_by_an_ordinary_user_finds_the_same_and_leaves_nothing()
    {
        var disks = Readable();
        var root = Inspect(Product.Command(_scratch, ["inspect", "--json", "-i", "disk", .. disks]), "direct");
        var user = Inspect(AsNobody(["inspect", "--json", "-i", "disk", .. disks]), "direct");

        user.Should().Be(root);
        _scratch.AssertNothingLeft();
    }

    [Theory]
    [InlineData("auto", "no subordinate user ids")]
    [InlineData("appliance", "no subordinate user ids")]
    [InlineData("direct", "only reads")]
    public void An_ordinary_user_whose_files_would_lose_their_owners_cannot_convert(string backend, string reason)
    {
        var result = CommandRunner.Run(AsNobody(["convert", "--backend", backend, "-o", "null", "-i", "disk", .. Readable()]));

        result.ExitCode.Should().Be(ErrorCodes.HostPermission.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain(reason).And.Contain("Run as root");
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void A_conversion_by_the_appliance_makes_the_same_files()
    {
        var direct = GuestTree.Of(_scratch, Conversions.ToLocal(_scratch, "disk", _disks).Disks);
        Directory.Delete(_scratch.Target, recursive: true);
        Directory.CreateDirectory(_scratch.Target);

        var result = CommandRunner.Run(WithAppliance(["convert", "--backend", "appliance", "-o", "local", "-os", _scratch.Target, "-on", "guest", "-i", "disk", .. _disks]));

        result.ExitCode.Should().Be(0, result.ErrorText);
        GuestTree.Of(_scratch, Directory.EnumerateFiles(_scratch.Target, "guest-sd?").Order(StringComparer.Ordinal)).Should().Equal(direct);
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void Without_a_kernel_for_the_appliance_the_error_names_its_package()
    {
        // Hidden from this run alone; and a cache of its own, so that no appliance is at hand that was built before.
        const string Script = "mount -t tmpfs none /boot; exec \"$@\"";
        var command = WithAppliance(["inspect", "--backend", "appliance", "-i", "disk", .. _disks]);
        var result = CommandRunner.Run(new Command("unshare", ["--mount", "--propagation", "private", "bash", "-c", Script, "hidden", command.Program, .. command.Arguments])
        {
            Environment = new Dictionary<string, string?>(command.Environment) { ["LIBGUESTFS_CACHEDIR"] = _scratch.Path },
        });

        result.ExitCode.Should().Be(ErrorCodes.HostAppliance.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain("there is no kernel in /boot").And.Contain("apt-get install linux-image-cloud-amd64");
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void Without_libguestfs_the_error_names_its_package()
    {
        var programs = Directory.CreateDirectory(_scratch.File("bin"));
        foreach (var program in Directory.EnumerateFiles("/usr/bin").Where(program => Path.GetFileName(program) != "guestfish"))
        {
            File.CreateSymbolicLink(Path.Combine(programs.FullName, Path.GetFileName(program)), program);
        }

        var command = WithAppliance(["inspect", "--backend", "appliance", "-i", "disk", .. _disks]);
        var result = CommandRunner.Run(command with { Environment = new Dictionary<string, string?>(command.Environment) { ["PATH"] = programs.FullName } });

        result.ExitCode.Should().Be(ErrorCodes.HostAppliance.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain("guestfish is not installed").And.Contain("apt-get install libguestfs-tools");
        _scratch.AssertNothingLeft();
    }

    private Command WithAppliance(params string[] arguments)
    {
        var command = Product.Command(_scratch, arguments);
        return command with { Environment = new Dictionary<string, string?>(command.Environment) { ["LIBGUESTFS_BACKEND_SETTINGS"] = "force_tcg" } };
    }

    /// <summary>The same command by an ordinary user, with a work root of its own.</summary>
    private Command AsNobody(params string[] arguments)
    {
        var command = Product.Command(_scratch, arguments);
        foreach (var directory in new[] { _scratch.File("work"), _scratch.File("state") })
        {
            Chown(Directory.CreateDirectory(directory).FullName);
        }

        return new Command("setpriv", ["--reuid", $"{Nobody}", "--regid", $"{Nobody}", "--clear-groups", "--", command.Program, .. command.Arguments]) { Environment = command.Environment };
    }

    /// <summary>The guest's disks where everybody may read them: root's cache is closed.</summary>
    private string[] Readable()
    {
        File.SetUnixFileMode(_scratch.Path, (UnixFileMode)0b111_101_101);
        return [.. _disks.Select(disk =>
        {
            var copy = _scratch.File(Path.GetFileName(disk));
            CommandRunner.Run(new Command("cp", "--sparse=always", disk, copy)).Succeeded.Should().BeTrue();
            return copy;
        })];
    }

    private static void Chown(string path) => CommandRunner.Run(new Command("chown", "-R", $"{Nobody}:{Nobody}", path)).Succeeded.Should().BeTrue();

    /// <summary>inspection.json without what tells of this run alone.</summary>
    private static string Inspect(Command command, string backend)
    {
        var result = CommandRunner.Run(command);
        result.ExitCode.Should().Be(0, result.ErrorText);
        var found = JsonNode.Parse(result.OutputText)!.AsObject();
        found["backend"]!["name"]!.GetValue<string>().Should().Be(backend);
        found["systems"]!.AsArray().Should().ContainSingle();
        foreach (var part in new[] { "backend", "caches", "timings" })
        {
            found.Remove(part);
        }

        return found.ToJsonString();
    }
}
