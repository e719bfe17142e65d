using System.Diagnostics;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Input.Tests.Support;

namespace Hyper2Kvm.Helpers.Input.Tests;

public sealed class LifetimeTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly Workspace _space = new();
    private readonly string _image;

    public LifetimeTests()
    {
        _image = _space.File("disk.vmdk");
        Tool.Convert(_space.RawDisk("disk.raw", 1 << 20), "vmdk", _image);
    }

    public void Dispose() => _space.Dispose();

    [Fact]
    public void Killing_the_keeper_leaves_no_server()
    {
        _space.Input("vmdk", _image, _image).ExitCode.Should().Be(0);
        var processes = _space.Processes();
        processes.Should().HaveCount(5, "there are a keeper, and for each disk a qemu-nbd and an nbdkit");

        Process.GetProcessById(_space.KeeperId("vmdk")).Kill();

        ShouldAllEnd(processes);
    }

    [Fact]
    public void The_servers_end_with_their_owner()
    {
        using var owner = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        _space.Input("vmdk", "--owner", $"{owner.Id}", _image).ExitCode.Should().Be(0);
        var processes = _space.Processes();

        owner.Kill();

        ShouldAllEnd(processes);
        File.Exists(_space.Socket(0)).Should().BeFalse();
        Directory.EnumerateFiles(_space.Work, "*.pid").Should().BeEmpty();
    }

    [Fact]
    public void SIGTERM_to_the_keeper_ends_all_and_leaves_no_socket()
    {
        _space.Input("vmdk", "--owner", "none", _image).ExitCode.Should().Be(0);
        var processes = _space.Processes();

        Tool.Run("sh", "-c", $"kill {_space.KeeperId("vmdk")}");

        ShouldAllEnd(processes);
        File.Exists(_space.Socket(0)).Should().BeFalse();
    }

    [Fact]
    public void A_shell_script_has_the_disks_until_it_ends()
    {
        // As a person would write it. The command substitution would hang where a server kept the shell's pipe open.
        var script = $"""
            set -e
            said=$('{Tool.Program("vmdk")}' --work '{_space.Work}' --owner $$ '{_image}' 2>&1)
            echo "size=$(nbdinfo --size '{Tool.Uri(_space.Socket(0))}') keeper=$(cat '{_space.Work}/input-vmdk.pid')"
            """;

        var result = CommandRunner.Run(new Command("bash", "-c", script));

        result.ExitCode.Should().Be(0, result.ErrorText);
        result.OutputText.Should().StartWith("size=1048576 keeper=");
        ShouldAllEnd(_space.Processes());
    }

    [Fact]
    public void The_keeper_keeps_nothing_open_of_its_caller()
    {
        var script = $"""
            set -e
            exec 9>'{_space.File("lock")}'
            flock 9
            '{Tool.Program("vmdk")}' --work '{_space.Work}' --owner none '{_image}'
            exec 9>&-
            flock --nonblock '{_space.File("lock")}' echo free
            """;

        CommandRunner.Run(new Command("bash", "-c", script)).OutputText.Should().Be("free\n");
    }

    [Fact]
    public void A_server_that_dies_ends_the_step_with_its_own_code()
    {
        var events = new List<StepEvent>();
        using var serving = new ManualResetEventSlim();
        using var step = ChildProcess.Start(
            new Command(Tool.Program("vmdk"), "--foreground", "--work", _space.Work, "--events", "fd:1", _image),
            stream => Read(stream, events, serving));
        serving.Wait(Long).Should().BeTrue();
        var processes = _space.Processes();

        processes.Single(process => process.ProcessName == "nbdkit").Kill();

        step.Wait().Should().Be(ErrorCodes.InputServer.ExitCode);
        ShouldAllEnd(processes);
        events.Select(what => what.Type).Should().Equal(EventType.Started, EventType.Finished, EventType.Error);
        events[^1].Code.Should().Be("input.server");
    }

    [Fact]
    public void A_second_step_on_the_same_work_directory_is_refused_and_does_no_harm()
    {
        _space.Input("vmdk", _image).ExitCode.Should().Be(0);

        _space.Input("vmdk", _image).ExitCode.Should().Be(ErrorCodes.WorkDirectory.ExitCode);

        Tool.Size(_space.Socket(0)).Should().Be(1 << 20);
    }

    [Fact]
    public void After_a_kill_the_same_work_directory_serves_again()
    {
        _space.Input("vmdk", _image).ExitCode.Should().Be(0);
        var processes = _space.Processes();
        Process.GetProcessById(_space.KeeperId("vmdk")).Kill();
        ShouldAllEnd(processes);

        _space.Input("vmdk").ExitCode.Should().Be(0, "the sources are in job.json");

        Tool.Size(_space.Socket(0)).Should().Be(1 << 20);
    }

    [Fact]
    public void Flags_are_written_into_the_job_for_the_later_steps()
    {
        _space.Input("disk", "-if", "vmdk", "--name", "my guest", _image).ExitCode.Should().Be(0);

        var job = DocumentFile.Load(_space.Work, DocumentContext.Default.Job);
        job.Input.Type.Should().Be("disk");
        job.Input.Sources.Should().Equal(_image);
        job.Input.Format.Should().Be("vmdk");
        DocumentFile.Load(_space.Work, DocumentContext.Default.SourceMetadata).Name.Should().Be("my guest");
    }

    [Fact]
    public void A_bad_source_is_told_in_one_message_with_its_own_exit_code_and_leaves_nothing()
    {
        File.WriteAllText(_image, string.Empty);

        var result = _space.Input("vmdk", _image);

        result.ExitCode.Should().Be(ErrorCodes.InputEmpty.ExitCode);
        result.ErrorText.Should().Be($"input-vmdk: error: {_image} is empty (0 bytes)\n  what to do: {ErrorCodes.InputEmpty.Remedy}\n  code: input.empty (exit 13, see docs/exit-codes.md)\n");
        _space.Processes().Should().BeEmpty();
        Directory.EnumerateFiles(_space.Work).Select(Path.GetFileName).Should().BeEquivalentTo("job.json", "lock");
    }

    /// <summary>None at all is well too: they may have ended already.</summary>
    private static void ShouldAllEnd(IReadOnlyList<Process> processes)
        => processes.Where(process => !process.WaitForExit(Long)).Should().BeEmpty();

    private static void Read(Stream stream, List<StepEvent> events, ManualResetEventSlim serving)
    {
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            events.Add(StepEvent.TryParse(line)!);
            if (events[^1].Type == EventType.Finished)
            {
                serving.Set();
            }
        }
    }
}
