using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Tests.Control.Support;
using Hyper2Kvm.Helpers.Output.Tests.Support;

namespace Hyper2Kvm.Ctl.Tests;

/// <summary>What a person sees, and what a script does.</summary>
public sealed class TextTests
{
    private static readonly string[] CommandLines =
    [
        "status", "stats", "jobs", "jobs --state failed", "jobs --state cancelled", "job db01", "job web02", "progress web02", "progress web01", "logs", "logs db01 --lines 2",
        "pause", "status", "drain", "resume", "reload", "notify-test", "ping", "retry db01", "cancel web03", "health", "health --max-queue 20", "stop",
    ];

    [Fact]
    public async Task Every_command_has_the_text_that_was_approved()
    {
        await using var control = new RunningControl();
        control.Daemon.All.Insert(0, FakeDaemon.View("job-0000000000c4", "mail", JobState.Retrying) with
        {
            Job = FakeDaemon.Job("job-0000000000c4", "mail", JobState.Retrying) with { Error = "the target's server closed the connection", ErrorCode = "copy.connection", NextAttempt = FakeDaemon.Start.AddHours(3), Retries = 1 },
        });
        var text = new StringBuilder();
        foreach (var line in CommandLines)
        {
            var result = await Product.AskAsync(control.ControlPath, line.Split(' '));
            result.ErrorText.Should().BeEmpty();
            result.ExitCode.Should().Be(0, line);
            text.Append($"$ hyper2kvm ctl {line}\n{result.OutputText}\n");
        }

        Approved.Check("texts.txt", Regex.Replace(text.ToString(), @"Process:  \d+", "Process:  4711"));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("stats")]
    [InlineData("jobs")]
    [InlineData("health")]
    public async Task As_JSON_the_answer_is_printed_as_it_came(string command)
    {
        await using var control = new RunningControl();

        var result = await Product.AskAsync(control.ControlPath, command, "--json");

        result.OutputText.Should().Be(await control.AskAsync(command) + "\n");
        result.ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task An_error_is_told_with_what_to_do_and_a_number_of_its_own()
    {
        await using var control = new RunningControl();

        var result = await Product.AskAsync(control.ControlPath, "retry", "nobody");
        var json = await Product.AskAsync(control.ControlPath, "retry", "nobody", "--json");

        result.ExitCode.Should().Be(97);
        result.OutputText.Should().BeEmpty();
        result.ErrorText.Should().Contain("ctl: error: there is no job 'nobody' (job.unknown)").And.Contain("what to do: hyper2kvm ctl jobs lists them.");
        json.ExitCode.Should().Be(97);
        json.OutputText.Should().StartWith("{\"status\":\"error\",\"code\":\"job.unknown\"");
    }

    [Fact]
    public async Task A_name_that_would_steer_the_terminal_is_shown_without_its_power()
    {
        await using var control = new RunningControl();
        control.Daemon.All.Clear();
        control.Daemon.All.Add(FakeDaemon.View("job-0000000000ff", "evil\u001b[2J\nname", JobState.Queued));

        var result = await Product.AskAsync(control.ControlPath, "jobs");

        result.OutputText.Should().Contain("evil?[2J?name").And.NotContain("\u001b");
    }

    [Fact]
    public async Task Ten_thousand_lines_of_a_log_arrive_whole()
    {
        await using var control = new RunningControl();
        control.Daemon.Log = [.. Enumerable.Range(0, 10_000).Select(line => $"{line} {new string('x', 200)}")];

        var result = await Product.AskAsync(control.ControlPath, "logs", "-n", "10000");

        result.OutputText.Should().HaveLength(control.Daemon.Log.Sum(line => line.Length + 1));
    }

    [Fact]
    public async Task Wait_ends_when_nothing_waits_or_runs_any_more()
    {
        await using var control = new RunningControl();
        var waiting = Product.AskAsync(control.ControlPath, "wait");
        control.Daemon.Figures = control.Daemon.Figures with { CurrentJobs = [], CurrentQueueDepth = 0 };

        (await waiting).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Wait_ends_well_when_a_daemon_that_was_drained_is_gone()
    {
        var control = new RunningControl();
        control.Daemon.IsDraining = true;
        var waiting = Product.AskAsync(control.ControlPath, "wait");
        SpinWait.SpinUntil(() => control.Daemon.StatisticsAsked > 0, TimeSpan.FromSeconds(20)).Should().BeTrue();
        await control.DisposeAsync();

        (await waiting).ExitCode.Should().Be(0);
    }
}
