using Hyper2Kvm.Daemon.Tests.Control.Support;

namespace Hyper2Kvm.Ctl.Tests;

/// <summary><c>ctl health</c> as a monitoring system runs it.</summary>
public sealed class HealthTests
{
    [Theory]
    [InlineData(1, false, 0, 0, "HYPER2KVM OK - queue 1, 1 running | queue=1;;;0 running=1;;;0 idle=0min;;60;0")]
    [InlineData(20, false, 20, 0, "HYPER2KVM OK - queue 20, 1 running | queue=20;20;;0 running=1;;;0 idle=0min;;60;0")]
    [InlineData(21, false, 20, 1, "HYPER2KVM WARNING - queue 21, more than 20, 1 running | queue=21;20;;0 running=1;;;0 idle=0min;;60;0")]
    [InlineData(1, true, 20, 1, "HYPER2KVM WARNING - queue 1, 1 running, paused | queue=1;20;;0 running=1;;;0 idle=0min;;60;0")]
    public async Task The_queue_and_a_pause_are_warnings(int queue, bool paused, int maxQueue, int exitCode, string line)
    {
        await using var control = new RunningControl();
        control.Daemon.Figures = control.Daemon.Figures with { CurrentQueueDepth = queue };
        control.Daemon.IsPaused = paused;

        var result = await Product.AskAsync(control.ControlPath, maxQueue == 0 ? ["health"] : ["health", "--max-queue", $"{maxQueue}"]);

        result.OutputText.Should().Be(line + "\n");
        result.ExitCode.Should().Be(exitCode);
    }

    [Theory]
    [InlineData("60", 2, "HYPER2KVM CRITICAL - queue 1, 0 running, but nothing happened for 100 minutes | queue=1;;;0 running=0;;;0 idle=100min;;60;0")]
    [InlineData("120", 0, "HYPER2KVM OK - queue 1, 0 running | queue=1;;;0 running=0;;;0 idle=100min;;120;0")]
    public async Task Jobs_that_wait_while_nothing_happens_are_critical(string maxIdle, int exitCode, string line)
    {
        await using var control = new RunningControl();
        control.Daemon.Figures = control.Daemon.Figures with { CurrentJobs = [], RecentCompleted = [] };

        var result = await Product.AskAsync(control.ControlPath, "health", "--max-idle", maxIdle);

        result.OutputText.Should().Be(line + "\n");
        result.ExitCode.Should().Be(exitCode);
    }

    [Fact]
    public async Task A_daemon_that_cannot_be_reached_is_critical()
    {
        using var directory = new TemporaryDirectory();

        var result = await Product.CtlAsync("health", "--output-dir", directory.Path);

        result.OutputText.Should().Be($"HYPER2KVM CRITICAL - daemon control socket not found: {directory.File(".daemon/control.sock")}\n");
        result.ErrorText.Should().BeEmpty();
        result.ExitCode.Should().Be(2);
    }

    [Theory]
    [InlineData("--max-queue", "x")]
    [InlineData("--no-such-option", "1")]
    [InlineData("--timeout", "0")]
    public async Task A_question_that_is_wrong_is_unknown_and_not_critical(string option, string value)
    {
        var result = await Product.CtlAsync("health", option, value);

        result.OutputText.Should().StartWith("HYPER2KVM UNKNOWN - ").And.EndWith("\n");
        result.ExitCode.Should().Be(3);
    }
}
