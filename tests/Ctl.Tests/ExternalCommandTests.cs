using System.Diagnostics;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Ctl.Tests;

/// <summary><c>hyper2kvm ctl</c>: the supervisor gives its place to the program of that name.</summary>
public sealed class ExternalCommandTests
{
    private static readonly string[] Odd = ["--help", "a b", "", "--", "@x", "ü", "*"];

    [Fact]
    public async Task The_program_takes_the_supervisors_place_with_the_arguments_as_they_are()
    {
        using var directory = new TemporaryDirectory();
        Script(directory.File("ctl"), "echo $$; printf '%s\\n' \"$@\"; exit 7");
        var start = new ProcessStartInfo(Product.Hyper2Kvm, ["ctl", .. Odd]) { RedirectStandardOutput = true };
        start.Environment["HYPER2KVM_EXEC_PATH"] = directory.Path;

        using var process = Process.Start(start)!;
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n')[..^1];
        await process.WaitForExitAsync();

        lines[0].Should().Be($"{process.Id}", "it is the same process");
        lines[1..].Should().Equal(Odd);
        process.ExitCode.Should().Be(7);
    }

    [Theory]
    [InlineData("ctl")]
    [InlineData("daemon")]
    public void A_program_that_is_missing_is_named(string name)
    {
        using var directory = new TemporaryDirectory();

        var result = Run(directory.Path, name);

        result.ExitCode.Should().Be(86);
        result.ErrorText.Should().Contain($"'{name}' is not installed: there is no {directory.File(name)}");
    }

    [Fact]
    public void A_program_that_cannot_be_run_is_named()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("ctl"), "no program");

        var result = Run(directory.Path, "ctl");

        result.ExitCode.Should().Be(85);
        result.ErrorText.Should().Contain($"{directory.File("ctl")}: Permission denied");
    }

    [Fact]
    public void The_real_one_is_found_and_the_help_lists_it()
    {
        CommandRunner.Run(new Command(Product.Hyper2Kvm, "ctl", "--help")).OutputText.Should().Contain("--output-dir").And.Contain("notify-test");
        CommandRunner.Run(new Command(Product.Hyper2Kvm, "--help")).OutputText.Should().Contain("Talk to the daemon.").And.Contain("daemon ");
    }

    private static CommandResult Run(string execPath, string name)
        => CommandRunner.Run(new Command(Product.Hyper2Kvm, name) { Environment = new Dictionary<string, string?> { ["HYPER2KVM_EXEC_PATH"] = execPath } });

    private static void Script(string path, string body)
    {
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
