using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Tests.Control.Support;

namespace Hyper2Kvm.Daemon.Tests.Control;

public sealed class ControlSocketTests
{
    [Theory]
    [InlineData("""{"command":"ping"}""")]
    [InlineData("ping")]
    [InlineData("  ping \r")]
    [InlineData("""{ "command" : "ping" }""")]
    public async Task A_request_is_a_JSON_object_or_the_bare_name_of_a_command(string line)
    {
        await using var control = new RunningControl();

        (await control.AskAsync(line)).Should().Be("""{"status":"ok","message":"pong"}""");
    }

    [Fact]
    public async Task Requests_on_one_connection_are_answered_in_their_order_however_they_are_cut()
    {
        await using var control = new RunningControl();
        using var client = await control.ConnectAsync();

        await client.SendAsync("ping\n\npause\nnonsense\nsta");
        await client.SendAsync("tus\nresume\n");

        (await client.ReadLineAsync()).Should().Contain("pong");
        (await client.ReadLineAsync()).Should().Contain("Daemon paused");
        (await client.ReadLineAsync()).Should().Contain("Unknown command: nonsense").And.Contain("\"available_commands\":[\"ping\",");
        (await client.ReadLineAsync()).Should().Contain("\"paused\":true");
        (await client.ReadLineAsync()).Should().Contain("Daemon resumed");
        control.Daemon.Asked.Should().Equal("pause", "resume");
    }

    [Fact]
    public async Task A_last_request_without_a_line_end_is_answered_too()
    {
        await using var control = new RunningControl();
        using var client = await control.ConnectAsync();

        await client.SendAsync("ping");
        client.EndSending();

        (await client.ReadLineAsync()).Should().Contain("pong");
        (await client.ReadLineAsync()).Should().BeNull();
    }

    [Fact]
    public async Task Jobs_are_changed_by_their_id_or_by_the_name_of_their_guest()
    {
        await using var control = new RunningControl();

        (await control.AskAsync("""{"command":"retry","id":"db01"}""")).Should().Be("""{"status":"ok","message":"Job job-0000000000c1 (db01) queued"}""");
        (await control.AskAsync("""{"command":"cancel","id":"job-0000000000c3"}""")).Should().Contain("cancelled");

        control.Daemon.Asked.Should().Equal("retry job-0000000000c1", "cancel job-0000000000c3");
    }

    [Theory]
    [InlineData("""{"command":"job"}""", "request.malformed", "the command job needs the field 'id'")]
    [InlineData("job", "request.malformed", "the command job needs the field 'id'")]
    [InlineData("""{"command":"status","id":"x"}""", "request.malformed", "the command status takes no field 'id'")]
    [InlineData("""{"command":"jobs","state":"asleep"}""", "request.malformed", "'asleep' is no state of a job; there are queued, running, retrying, succeeded, failed, skipped, cancelled")]
    [InlineData("""{"command":"jobs","limit":0}""", "request.malformed", "'limit' is 0, and must be from 1 to 1000")]
    [InlineData("""{"command":"jobs","limt":5}""", "request.malformed", "limt")]
    [InlineData("""{"id":"x"}""", "request.malformed", "command")]
    [InlineData("""{"command":"jobs","limit":"5"}""", "request.malformed", "limit")]
    [InlineData("""{"command":null}""", "request.malformed", "command")]
    [InlineData("[]", "request.unknown-command", "Unknown command: []")]
    [InlineData("""{"command":"job","id":"nobody"}""", "job.unknown", "there is no job 'nobody'")]
    [InlineData("""{"command":"logs","id":"nobody"}""", "job.unknown", "there is no job 'nobody'")]
    [InlineData("""{"command":"retry","id":"web01"}""", "job.state", "job-0000000000c0 is succeeded")]
    [InlineData("""{"command":"cancel","id":"db01"}""", "job.state", "job-0000000000c1 is failed")]
    public async Task A_wrong_request_is_told_what_is_wrong(string line, string code, string message)
    {
        await using var control = new RunningControl();

        (await control.AskAsync(line)).Should().StartWith("""{"status":"error","code":""" + $"\"{code}\"").And.Contain(message.Replace("'", "\\u0027"));
    }

    [Fact]
    public async Task A_configuration_that_is_wrong_is_refused_with_its_own_words()
    {
        await using var control = new RunningControl();
        control.Daemon.ReloadFailure = new StepException(ErrorCodes.Configuration, "daemon.yaml line 3: unknown key watchdir", "Write watch_dir.");

        (await control.AskAsync("reload")).Should().Be("""{"status":"error","code":"daemon.configuration","message":"daemon.yaml line 3: unknown key watchdir","hint":"Write watch_dir."}""");
    }

    [Fact]
    public async Task A_defect_becomes_an_answer_and_the_connection_lives_on()
    {
        await using var control = new RunningControl();
        control.Daemon.ReloadFailure = new InvalidOperationException("broken");
        using var client = await control.ConnectAsync();

        (await client.AskAsync("reload")).Should().Contain("supervisor.failed").And.Contain("InvalidOperationException: broken");
        (await client.AskAsync("ping")).Should().Contain("pong");
    }

    [Fact]
    public async Task A_command_that_waits_for_other_machines_holds_up_nobody()
    {
        await using var control = new RunningControl();
        using var go = new ManualResetEventSlim();
        control.Daemon.DuringNotifyTest = () => go.Wait(TimeSpan.FromSeconds(20));
        using var slow = await control.ConnectAsync();
        await slow.SendAsync("notify-test\n");

        (await control.AskAsync("ping")).Should().Contain("pong");
        go.Set();

        (await slow.ReadLineAsync()).Should().Contain("slack: sent");
    }

    [Fact]
    public async Task The_answer_to_stop_arrives_though_the_daemon_ends_at_once()
    {
        var control = new RunningControl();
        using var client = await control.ConnectAsync();
        await client.SendAsync("stop\n");
        var answer = client.ReadLineAsync();
        SpinWait.SpinUntil(() => control.Daemon.Asked.Contains("stop"), TimeSpan.FromSeconds(20)).Should().BeTrue();

        await control.DisposeAsync();

        (await answer).Should().Contain("Stopping daemon");
        (await client.ReadLineAsync()).Should().BeNull();
    }
}
