using System.Diagnostics;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Core.Tests.Processes;

public sealed class CommandRunnerTests
{
    [Fact]
    public void Arguments_arrive_as_they_are_without_a_shell()
    {
        string[] odd = ["a b", "$(id)", "'", "\"", "*", "", "-x", "new\nline", "ü"];

        var result = CommandRunner.Run(new Command("printf", ["%s\\0", .. odd]));

        result.OutputText.TrimEnd('\0').Split('\0').Should().Equal(odd);
    }

    [Fact]
    public void Both_pipes_are_read_however_much_comes()
    {
        var result = CommandRunner.Run(new Command("bash", "-c", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero | tr '\\0' 'e' >&2; exit 7"));

        result.ExitCode.Should().Be(7);
        result.Output.Should().HaveCount(3_000_000);
        result.ErrorText.Should().HaveLength(64 * 1024, "only the tail of standard error is kept");
    }

    [Fact]
    public void Standard_input_is_what_was_given_and_then_ends()
    {
        var input = new byte[1_000_000];
        Random.Shared.NextBytes(input);

        CommandRunner.Run(new Command("cat") { Input = input }).Output.Should().Equal(input);
        CommandRunner.Run(new Command("cat")).Output.Should().BeEmpty();
    }

    [Fact]
    public void A_program_that_is_not_installed_is_named_with_its_package()
    {
        var running = () => CommandRunner.Run(new Command("nbdkit-that-is-not-there"));

        running.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ToolMissing)
            .WithMessage("*nbdkit-that-is-not-there*").Which.Hint.Should().StartWith("apt-get install");
    }

    [Fact]
    public void A_cancelled_command_gets_SIGTERM_and_may_clean_up()
    {
        using var cancel = new CancellationTokenSource();
        var script = "trap 'echo cleaned; exit 0' TERM; echo ready; while :; do read -t 0.05 -u 9; done 9<> <(:)";
        string? last = null;
        using var child = ChildProcess.Start(new Command("bash", "-c", script), output =>
        {
            using var reader = new StreamReader(output);
            while (reader.ReadLine() is { } line)
            {
                last = line;
                if (line == "ready")
                {
                    cancel.Cancel();
                }
            }
        });

        var waiting = () => child.Wait(cancel.Token);

        waiting.Should().Throw<OperationCanceledException>();
        last.Should().Be("cleaned");
    }

    [Fact]
    public void A_command_that_ignores_SIGTERM_is_killed_after_its_grace()
    {
        using var cancel = new CancellationTokenSource();
        var command = new Command("bash", "-c", "trap '' TERM; echo ready; while :; do read -t 0.05 -u 9; done 9<> <(:)") { Grace = TimeSpan.FromMilliseconds(100) };
        using var child = ChildProcess.Start(command, output =>
        {
            if (output.ReadByte() >= 0)
            {
                cancel.Cancel();
            }
        });

        var waiting = () => child.Wait(cancel.Token);

        waiting.Should().Throw<OperationCanceledException>();
        child.HasExited.Should().BeTrue();
    }

    [Fact]
    public void A_signal_that_ends_a_command_is_seen_in_its_exit_code()
        => CommandRunner.Run(new Command("bash", "-c", "kill -9 $$")).ExitCode.Should().Be(137);

    [Fact]
    public async Task Children_die_with_their_owner_even_when_it_is_killed()
    {
        var sleeper = new TaskCompletionSource<int>();
        using var owner = ChildProcess.Start(
            new Command("dotnet", Path.Combine(AppContext.BaseDirectory, "Hyper2Kvm.Core.Dummy.dll"), "sleep", "1000"),
            output =>
            {
                using var reader = new StreamReader(output);
                sleeper.SetResult(int.Parse(reader.ReadLine()!));
                reader.ReadToEnd();
            });
        var process = Process.GetProcessById(await sleeper.Task);

        owner.Kill();

        process.WaitForExit(TimeSpan.FromSeconds(10)).Should().BeTrue("the kernel kills it with its owner");
    }
}
