using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Output.Tests.Support;

namespace Hyper2Kvm.Helpers.Output.Tests.Steps;

/// <summary>The life of the servers of target disks, where there are any, between setup and final.</summary>
public sealed class KeeperTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Scratch _scratch = new();

    public KeeperTests() => _scratch.Work.Save(Guests.Linux);

    private int KeeperId => _scratch.Work.Serving().Single().ProcessId;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_keeper_that_was_killed_makes_final_fail_and_leaves_nothing()
    {
        SetUp("--owner", "none");
        _scratch.Fill(0, 1);
        var servers = _scratch.Servers();
        EndOfProcess.Kill(KeeperId, Deadline);
        foreach (var server in servers)
        {
            EndOfProcess.Wait(server, Deadline);
        }

        var result = _scratch.Run("output-null", "final");

        result.ExitCode.Should().Be(ErrorCodes.OutputServer.ExitCode, result.ErrorText);
        _scratch.TargetNames.Should().BeEmpty();
        _scratch.Work.IsDone.Should().BeFalse();
    }

    [Fact]
    public void Undo_ends_the_servers()
    {
        SetUp("--owner", "none");

        _scratch.Succeed("output-null", "undo");

        _scratch.Servers().Should().BeEmpty();
        _scratch.TargetNames.Should().BeEmpty();
        Directory.EnumerateFiles(_scratch.Work.Path, "*.pid").Should().BeEmpty();
    }

    [Fact]
    public void The_servers_end_with_their_owner()
    {
        using var owner = ChildProcess.Start(new Command("sleep", "infinity"));
        SetUp("--owner", $"{owner.Id}");
        var keeper = KeeperId;

        owner.Kill();
        EndOfProcess.Wait(keeper, Deadline);

        _scratch.Servers().Should().BeEmpty();
    }

    [Fact]
    public void A_server_that_dies_takes_its_run_with_it()
    {
        SetUp("--owner", "none");
        var keeper = KeeperId;

        EndOfProcess.Kill(_scratch.Servers().First(id => id != keeper), Deadline);
        EndOfProcess.Wait(keeper, Deadline);

        _scratch.Servers().Should().BeEmpty();
        _scratch.TargetNames.Should().BeEmpty("the copy cannot come to its end");
    }

    private void SetUp(params string[] further)
        => _scratch.Succeed("output-null", ["setup", .. further]);
}
