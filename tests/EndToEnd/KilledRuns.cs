using System.Diagnostics;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.EndToEnd.Support;

namespace Hyper2Kvm.EndToEnd;

/// <summary>kill -9 at any moment: after a clean-up nothing is left, and the next run works.</summary>
[Trait("speed", "slow")]
public sealed class KilledRuns : IDisposable
{
    private const int Kills = 10;

    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("hyper2kvm", 1, "raw")]
    [InlineData("convert", 2, "raw")]
    [InlineData("copy", 3, "qcow2")]
    public void Killed_ten_times_nothing_is_left_and_the_next_run_works(string program, int seed, string format)
    {
        var source = GuestFixture.Variant("debian-novirtio", "vmdk-monolithicSparse");
        var before = GuestFixture.Digests(source);
        string[] arguments = ["convert", "-i", "vmdk", .. GuestFixture.Disks(source, "vmdk"), "-o", "local", "-of", format, "-os", _scratch.Target, "-on", "guest"];
        var random = new Random(seed);
        var (start, length) = Lifetime(program, arguments);

        for (var kill = 0; kill < Kills; kill++)
        {
            var moment = start + (length * random.NextDouble());
            var killed = RunAndKill(program, arguments, moment);

            var cleanup = Product.Run(_scratch, "cleanup");
            cleanup.ExitCode.Should().Be(0);
            _scratch.AssertNothingLeft();
            if (killed && !cleanup.OutputText.Contains("its guest stays", StringComparison.Ordinal))
            {
                _scratch.AssertTargetEmpty();
            }
            else
            {
                _scratch.OnTarget().Should().Equal("guest-sda", "guest-sdb", "guest.xml");
            }

            Empty(_scratch.Target);
        }

        var next = Product.Run(_scratch, arguments);
        next.ExitCode.Should().Be(0, next.ErrorText);
        _scratch.AssertNothingLeft();
        GuestFixture.Digests(source).Should().Equal(before);
    }

    /// <summary>The last thing that a run does is to remove its work directory, file by file. Killed at any of them, what it has finished stays.</summary>
    [Fact]
    public void Killed_while_its_work_directory_is_removed_a_finished_guest_stays()
    {
        var source = GuestFixture.Variant("debian-novirtio", "vmdk-monolithicSparse");
        string[] arguments = ["convert", "--keep-work", "-i", "vmdk", .. GuestFixture.Disks(source, "vmdk"), "-o", "local", "-os", _scratch.Target, "-on", "guest"];
        Product.Run(_scratch, arguments).ExitCode.Should().Be(0);
        var kept = _scratch.WorkDirectories().Should().ContainSingle().Subject;
        File.Delete(Path.Combine(kept, "kept"));
        var finished = Path.Combine(_scratch.Path, "finished");
        Directory.Move(kept, finished);

        for (var removed = 1; ; removed++)
        {
            CommandRunner.Run(new Command("cp", "-a", finished, kept)).Succeeded.Should().BeTrue();
            const string Calls = "unlink,unlinkat,rmdir";
            var killed = CommandRunner.Run(new Command("strace", "-f", "-o", "/dev/null", "-e", $"trace={Calls}", "-e", $"inject={Calls}:signal=KILL:when={removed}", Product.Hyper2Kvm, "cleanup") { Environment = _scratch.Environment });

            Product.Run(_scratch, "cleanup").ExitCode.Should().Be(0);
            _scratch.AssertNothingLeft();
            _scratch.OnTarget().Should().Equal("guest-sda", "guest-sdb", "guest.xml");
            if (killed.Succeeded)
            {
                removed.Should().BeGreaterThan(10, "each of the directory's files was the one it was killed at");
                break;
            }
        }
    }

    [Theory]
    [InlineData("INT", "input-vmdk", EventType.Started)]
    [InlineData("TERM", "convert", EventType.Started)]
    [InlineData("HUP", "output-local-setup", EventType.Finished)]
    [InlineData("INT", "copy", EventType.Progress)]
    [InlineData("TERM", "output-local-final", EventType.Started)]
    public void Interrupted_a_run_cleans_up_itself_and_says_so(string signal, string step, EventType moment)
    {
        var source = GuestFixture.Variant("debian-novirtio", "vmdk-monolithicSparse");
        string[] arguments = ["convert", "--json", "-i", "vmdk", .. GuestFixture.Disks(source, "vmdk"), "-o", "local", "-of", "qcow2", "-os", _scratch.Target, "-on", "guest"];
        using var reached = new ManualResetEventSlim();

        // Under nohup(1), as some CI runs its jobs, SIGHUP is ignored, by our programs too, as it should be.
        var command = Product.Command(_scratch, arguments);
        using var run = ChildProcess.Start(command with { Program = "env", Arguments = [$"--default-signal={signal}", command.Program, .. command.Arguments] }, output =>
        {
            using var reader = new StreamReader(output);
            while (reader.ReadLine() is { } line)
            {
                if (StepEvent.TryParse(line) is { } what && what.Step == step && what.Type == moment)
                {
                    reached.Set();
                }
            }

            reached.Set();
        });
        reached.Wait();

        CommandRunner.Run(new Command("kill", $"-{signal}", $"{run.Id}"));

        run.Wait().Should().Be(ErrorCodes.Interrupted.ExitCode, run.ErrorTail);
        _scratch.AssertNothingLeft();
        _scratch.AssertTargetEmpty();
    }

    /// <summary>When the program starts in a run and how long it lives, from one whole run.</summary>
    private (TimeSpan Start, TimeSpan Length) Lifetime(string program, string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan? start = null;
        var end = TimeSpan.Zero;
        using var run = ChildProcess.Start(Product.Command(_scratch, arguments));
        while (!run.HasExited)
        {
            if (Find(program, run.Id) is not null)
            {
                start ??= clock.Elapsed;
                end = clock.Elapsed;
            }
        }

        run.Wait().Should().Be(0, run.ErrorTail);
        Empty(_scratch.Target);
        start.Should().NotBeNull();
        return (start!.Value, end - start.Value);
    }

    /// <summary>Runs, kills the program at a moment after the start of the run, and waits until the run is over.</summary>
    /// <returns>Whether the kill hit the program while it lived.</returns>
    private bool RunAndKill(string program, string[] arguments, TimeSpan moment)
    {
        var clock = Stopwatch.StartNew();
        using var run = ChildProcess.Start(Product.Command(_scratch, arguments));
        var hit = false;
        while (!run.HasExited && !hit)
        {
            if (clock.Elapsed >= moment && Find(program, run.Id) is { } target)
            {
                hit = Kill(target);
            }
        }

        run.Wait();
        return hit && run.Wait() != 0;
    }

    /// <summary>The program of this run: the supervisor itself, or a child of it by its name.</summary>
    private static int? Find(string program, int supervisor)
    {
        if (program == "hyper2kvm")
        {
            return supervisor;
        }

        try
        {
            return File.ReadAllText($"/proc/{supervisor}/task/{supervisor}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Concat(Directory.EnumerateDirectories($"/proc/{supervisor}/task").SelectMany(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)))
                .Select(int.Parse)
                .FirstOrDefault(child => File.ReadAllText($"/proc/{child}/comm").TrimEnd() == program) is var found and > 0 ? found : null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool Kill(int processId) => CommandRunner.Run(new Command("kill", "-KILL", $"{processId}")).Succeeded;

    private static void Empty(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory))
        {
            File.Delete(file);
        }
    }
}
