using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Output.Tests.Support;

namespace Hyper2Kvm.Helpers.Output.Tests.Steps;

/// <summary>Targets that cannot take the guest: each told by <c>check</c> and by <c>setup</c>, with its own code, naming the file, leaving nothing.</summary>
public sealed class RefusedTargetTests : IDisposable
{
    private const string Nobody = "65534";

    private readonly Scratch _scratch = new();

    public RefusedTargetTests()
    {
        // check reads the first where the second is not there yet.
        _scratch.Work.Save(new SourceMetadata
        {
            Schema = SourceMetadata.SchemaName,
            Name = Guests.Linux.Name,
            Disks = [.. Guests.Linux.Disks.Select(disk => new DiskMetadata { Index = disk.Index, VirtualBytes = disk.VirtualBytes, Format = "raw", Path = "/x" })],
        });
        _scratch.Work.Save(Guests.Linux);
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("check")]
    [InlineData("setup")]
    public void A_directory_that_is_not_there(string command)
        => Refuses(ErrorCodes.OutputMissing, _scratch.InTarget("nowhere"), Output(command, "-os", _scratch.InTarget("nowhere")));

    [Theory]
    [InlineData("check", "web-sdb")]
    [InlineData("setup", "web-sdb")]
    [InlineData("setup", "web.xml")]
    public void A_name_that_is_taken(string command, string name)
    {
        File.CreateSymbolicLink(_scratch.InTarget(name), "/nowhere");

        Refuses(ErrorCodes.OutputExists, _scratch.InTarget(name), Output(command, "-os", _scratch.Target));
        _scratch.TargetNames.Should().Equal(name);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("setup")]
    public void A_directory_where_even_root_makes_no_file(string command)
        => Refuses(ErrorCodes.OutputPermission, "/proc/self", Output(command, "-os", "/proc/self"));

    [Fact]
    public void A_name_that_is_taken_is_told_before_the_conversion()
    {
        File.Delete(_scratch.Work.File(TargetMetadata.FileName));
        _scratch.Succeed("output-local", "check", "-os", _scratch.Target);
        File.WriteAllText(_scratch.InTarget("web-sda"), "somebody's");

        Refuses(ErrorCodes.OutputExists, _scratch.InTarget("web-sda"), Output("check", "-os", _scratch.Target));
        File.Exists(_scratch.Work.File("undo.ndjson")).Should().BeFalse("check makes nothing");
    }

    [Theory]
    [InlineData("check")]
    [InlineData("setup")]
    public void A_read_only_file_system(string command)
        => Refuses(ErrorCodes.OutputPermission, _scratch.Target, OnTmpfs("ro", Output(command, "-os", _scratch.Target)));

    [Fact]
    public void A_directory_of_somebody_else()
    {
        // The work directory is nobody's, the target is root's.
        CommandRunner.Run(new Command("chown", "-R", Nobody, _scratch.Work.Path)).ExitCode.Should().Be(0);
        File.SetUnixFileMode(_scratch.Root, File.GetUnixFileMode(_scratch.Root) | UnixFileMode.OtherExecute);
        var setup = Output("setup", "-os", _scratch.Target);

        Refuses(ErrorCodes.OutputPermission, _scratch.Target, new Command("setpriv", ["--reuid", Nobody, "--regid", Nobody, "--clear-groups", setup.Program, .. setup.Arguments]));
    }

    [Fact]
    public void A_full_file_system()
    {
        var setup = OnTmpfs("size=512k", Output("setup", "-os", _scratch.Target));

        Refuses(ErrorCodes.OutputNoSpace, _scratch.Target, setup);
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public void No_room_for_preallocated_disks(string format)
    {
        var setup = OnTmpfs("size=10m", Output("setup", "-os", _scratch.Target, "-of", format, "-oa", "preallocated"));

        Refuses(ErrorCodes.OutputNoSpace, _scratch.Target, setup);
    }

    [Fact]
    public void No_place_at_all() => Refuses(ErrorCodes.Usage, "-os", Output("setup"));

    [Theory]
    [InlineData("1000", "no cluster size", "check")]
    [InlineData("1000", "no cluster size", "setup")]
    [InlineData("4M", "no cluster size", "setup")]
    public void A_cluster_size_that_qcow2_does_not_have(string size, string named, string command)
        => Refuses(ErrorCodes.Usage, named, Output(command, "-os", _scratch.Target, "-of", "qcow2", "-oo", $"cluster_size={size}"));

    [Fact]
    public void A_disk_that_is_too_large_for_its_clusters()
    {
        var guest = Guests.Linux with { Disks = [new TargetDisk { Index = 0, VirtualBytes = 1L << 40 }] };
        _scratch.Work.Save(guest);

        Refuses(ErrorCodes.Usage, "disk 0", Output("setup", "-os", _scratch.Target, "-of", "qcow2", "-oo", "cluster_size=512"));
        _scratch.TargetNames.Should().BeEmpty();
    }

    [Fact]
    public void A_compressed_disk_that_is_preallocated()
        => Refuses(ErrorCodes.Usage, "preallocated", Output("setup", "-os", _scratch.Target, "-of", "qcow2", "-oa", "preallocated", "-oo", "compressed"));

    [Fact]
    public void A_name_that_is_taken_while_the_copy_runs_stays_whose_it_is()
    {
        _scratch.Succeed("output-local", "setup", "-os", _scratch.Target);
        File.WriteAllText(_scratch.InTarget("web-sdb"), "somebody's");

        Refuses(ErrorCodes.OutputExists, _scratch.InTarget("web-sdb"), Output("final"));

        _scratch.TargetNames.Should().Equal("web-sdb");
        File.ReadAllText(_scratch.InTarget("web-sdb")).Should().Be("somebody's");
        _scratch.Work.IsDone.Should().BeFalse();
    }

    private static void Refuses(ErrorCode code, string named, Command command)
    {
        var result = CommandRunner.Run(command);

        result.ExitCode.Should().Be(code.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain(named);
    }

    /// <summary>The command in a mount namespace of its own, where the target is a small or read-only tmpfs; it ends with the command.</summary>
    private Command OnTmpfs(string options, Command command)
        => new("unshare", ["--mount", "--propagation", "private", "sh", "-ec", "target=$1 options=$2; shift 2; mount -t tmpfs -o \"$options\" tmpfs \"$target\"; exec \"$@\"", "sh", _scratch.Target, options, command.Program, .. command.Arguments]);

    private Command Output(string command, params string[] arguments) => _scratch.Command("output-local", [command, .. arguments]);
}
