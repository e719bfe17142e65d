using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Control.Commands;
using Hyper2Kvm.Daemon.Outcome;
using Hyper2Kvm.Daemon.Tests.Control.Support;

namespace Hyper2Kvm.Daemon.Tests.Control;

public sealed class HttpTests
{
    [Fact]
    public async Task Kestrel_is_made_when_the_first_client_comes_and_that_client_is_answered()
    {
        await using var control = new RunningControl();
        await control.AskAsync("ping");
        control.Server.Http!.IsAwake.Should().BeFalse();

        using var http = HttpCaller.On(control.HttpPath);
        var first = await http.CallAsync("GET", "/v1/ping");

        first.Should().Be((200, """{"status":"ok","message":"pong"}"""));
        control.Server.Http.IsAwake.Should().BeTrue();
        File.GetUnixFileMode(control.HttpPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public static TheoryData<string> Commands => [.. ControlCommands.Names];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_command_gives_the_same_body_as_on_the_control_socket(string name)
    {
        await using var control = new RunningControl();
        using var http = HttpCaller.On(control.HttpPath);
        var command = ControlCommands.Find(name)!;
        var id = name == "cancel" ? "job-0000000000c3" : "job-0000000000c1";
        var request = command.Takes.Contains("id!") ? $$"""{"command":"{{name}}","id":"{{id}}"}""" : $$"""{"command":"{{name}}"}""";

        var (status, body) = await http.CallAsync(command.Method, command.Path.Replace("{id}", id));

        status.Should().Be(200);
        body.Should().Be(await control.AskAsync(request)).And.StartWith("""{"status":"ok",""");
    }

    [Theory]
    [InlineData("GET", "/v1/jobs?state=failed&limit=5", 200, "db01")]
    [InlineData("GET", "/v1/jobs/db01", 200, "job-0000000000c1")]
    [InlineData("GET", "/v1/jobs/db01/logs?lines=1", 200, "[\"job-0000000000c1: line 3\"]")]
    [InlineData("GET", "/v1/logs?id=db01&lines=1", 200, "[\"job-0000000000c1: line 3\"]")]
    [InlineData("GET", "/v1/jobs?limit=x", 400, "request.malformed")]
    [InlineData("GET", "/v1/jobs?limit=1&limit=2", 400, "request.malformed")]
    [InlineData("GET", "/v1/jobs?colour=red", 400, "there is no parameter \\u0027colour\\u0027")]
    [InlineData("GET", "/v1/status?id=x", 400, "request.malformed")]
    [InlineData("GET", "/v1/jobs/nobody", 404, "job.unknown")]
    [InlineData("POST", "/v1/jobs/web01/retry", 409, "job.state")]
    [InlineData("GET", "/v1/pause", 405, "request.method")]
    [InlineData("POST", "/v1/status", 405, "request.method")]
    [InlineData("GET", "/", 404, "request.unknown-command")]
    [InlineData("GET", "/v1/jobs/../../etc/passwd", 404, "request.unknown-command")]
    public async Task A_path_has_its_status_and_its_words(string method, string path, int status, string words)
    {
        await using var control = new RunningControl();
        using var http = HttpCaller.On(control.HttpPath);

        var answer = await http.CallAsync(method, path);

        answer.Status.Should().Be(status);
        answer.Body.Should().Contain(words);
    }

    [Fact]
    public async Task The_metrics_are_Prometheus_text()
    {
        await using var control = new RunningControl();
        using var http = HttpCaller.On(control.HttpPath);

        using var answer = await http.GetAsync("/metrics");

        answer.Content.Headers.ContentType!.ToString().Should().Be("text/plain; version=0.0.4; charset=utf-8");
        (await answer.Content.ReadAsStringAsync()).Should().Be("hyper2kvm_queue_depth 1\n");
    }

    [Fact]
    public async Task Health_is_503_when_jobs_wait_and_nothing_happens_for_an_hour()
    {
        await using var control = new RunningControl();
        using var http = HttpCaller.On(control.HttpPath);
        (await http.CallAsync("GET", "/health")).Status.Should().Be(200);

        // web03 waits since 8:50, the last job ended at 8:30, and it is 10:30.
        control.Daemon.Figures = control.Daemon.Figures with { CurrentJobs = [], RecentCompleted = [Completed(minute: 30)] };
        (await http.CallAsync("GET", "/health")).Should().Match<(int Status, string Body)>(answer => answer.Status == 503 && answer.Body.Contains("\"idle_minutes\":100"));

        control.Daemon.IsPaused = true;
        (await http.CallAsync("GET", "/health")).Status.Should().Be(200, "somebody wanted that");
    }

    [Fact]
    public async Task A_job_that_has_only_just_come_is_no_stall()
    {
        await using var control = new RunningControl();
        var job = control.Daemon.All[0];
        control.Daemon.All[0] = job with { Job = job.Job with { Created = FakeDaemon.Start.AddMinutes(149) } };
        control.Daemon.Figures = control.Daemon.Figures with { CurrentJobs = [], RecentCompleted = [Completed(minute: 30)] };

        (await control.AskAsync("health")).Should().Contain("\"health\":\"ok\"").And.Contain("\"idle_minutes\":1,");
    }

    [Fact]
    public async Task Without_HTTP_there_is_no_socket_for_it()
    {
        await using var control = new RunningControl(settings: new ControlSettings { Http = false });

        control.Server.Http.Should().BeNull();
        File.Exists(control.HttpPath).Should().BeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_ends_at_once_whether_it_was_used_or_not(bool used)
    {
        var control = new RunningControl();
        using var http = HttpCaller.On(control.HttpPath);
        if (used)
        {
            await http.CallAsync("GET", "/v1/ping"); // Its connection is kept.
        }

        await control.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        File.Exists(control.HttpPath).Should().BeFalse();
    }

    private static CompletedJob Completed(int minute)
        => new() { Id = "job-0000000000c0", Filename = "web01.vmdk", FileType = "vmdk", EndTime = FakeDaemon.Start.AddMinutes(minute), Status = "success" };
}
