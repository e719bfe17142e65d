using System.Diagnostics;
using System.Text;
using Hyper2Kvm.Daemon.Control;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Tests.Control.Support;

namespace Hyper2Kvm.Daemon.Tests.Control;

/// <summary>Clients that are slow, broken or mean: each is told or dropped, and others are answered meanwhile.</summary>
public sealed class HostileClientTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Fifty_clients_at_once_are_all_answered()
    {
        await using var control = new RunningControl();
        var clients = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => control.ConnectAsync()));

        var answers = await Task.WhenAll(clients.Select(async client =>
        {
            var last = string.Empty;
            for (var round = 0; round < 20; round++)
            {
                last = await client.AskAsync("stats");
            }

            return last;
        }));

        answers.Should().OnlyContain(answer => answer.StartsWith("{\"status\":\"ok\"", StringComparison.Ordinal)).And.HaveCount(50);
        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task Half_a_request_and_then_silence_is_told_and_dropped_while_others_are_answered()
    {
        await using var control = new RunningControl(new ControlLimits { RequestTime = Short });
        using var slow = await control.ConnectAsync();
        await slow.SendAsync("{\"command\":");

        (await control.AskAsync("ping")).Should().Contain("pong");

        (await slow.ReadLineAsync()).Should().Contain("request.timeout");
        (await slow.ReadLineAsync()).Should().BeNull();
    }

    [Fact]
    public async Task A_request_that_trickles_in_has_no_more_time_than_one_that_stands_still()
    {
        await using var control = new RunningControl(new ControlLimits { RequestTime = Short });
        using var slow = await control.ConnectAsync();
        var answer = slow.ReadLineAsync();
        var clock = Stopwatch.StartNew();

        while (!answer.IsCompleted && clock.Elapsed < TimeSpan.FromSeconds(15))
        {
            try
            {
                await slow.SendAsync("x");
            }
            catch (System.Net.Sockets.SocketException)
            {
                break;
            }

            await Task.WhenAny(answer, Task.Delay(20));
        }

        (await answer).Should().Contain("request.timeout");
    }

    [Fact]
    public async Task A_client_that_asks_nothing_is_let_go()
    {
        await using var control = new RunningControl(new ControlLimits { RequestTime = Short });
        using var silent = await control.ConnectAsync();

        (await silent.ReadLineAsync()).Should().BeNull();
    }

    [Fact]
    public async Task A_megabyte_without_a_line_end_is_refused_and_one_with_line_ends_is_answered_line_by_line()
    {
        await using var control = new RunningControl();
        using (var endless = await control.ConnectAsync())
        {
            var answer = endless.ReadLineAsync();
            (await endless.SendUntilDroppedAsync(Encoding.ASCII.GetBytes(new string('x', 64 * 1024)))).Should().BeLessThan(4 * 1024 * 1024);
            (await answer).Should().Contain("request.too-long");
        }

        using var noisy = await control.ConnectAsync();
        var sent = noisy.SendAsync(string.Concat(Enumerable.Repeat(new string('\u0001', 1023) + "\n", 1024)) + "ping\n");
        for (var line = 0; line < 1024; line++)
        {
            (await noisy.ReadLineAsync()).Should().Contain("request.malformed");
        }

        await sent;
        (await noisy.ReadLineAsync()).Should().Contain("pong");
    }

    [Fact]
    public async Task The_longest_request_is_read_whole()
    {
        await using var control = new RunningControl();
        var frame = """{"command":"job","id":""}""".Length;

        var answer = await control.AskAsync($$"""{"command":"job","id":"{{new string('a', (1024 * 1024) - frame)}}"}""");

        answer.Should().Contain("job.unknown").And.Contain(new string('a', (1024 * 1024) - frame));
    }

    public static TheoryData<byte[]> Unreadable =>
    [
        [0, 1, 2, 3, 0xFF],
        [.. "{\"command\":\""u8, 0xC3, 0x28, .. "\"}"u8],
        [0xED, 0xA0, 0x80],
        Encoding.ASCII.GetBytes(new string('[', 100_000)),
        Encoding.ASCII.GetBytes("{\"command\":" + new string('[', 100_000)),
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"command\":", 10_000))),
        Encoding.ASCII.GetBytes("{\"command\":\"\\ud800\"}"),
        Encoding.ASCII.GetBytes("{"),
        Encoding.ASCII.GetBytes("{}"),
    ];

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task What_cannot_be_read_is_refused_and_the_connection_lives_on(byte[] line)
    {
        await using var control = new RunningControl();
        using var client = await control.ConnectAsync();

        await client.SendAsync([.. line, (byte)'\n']);

        (await client.ReadLineAsync()).Should().Contain("request.malformed");
        (await client.AskAsync("ping")).Should().Contain("pong");
    }

    [Fact]
    public async Task A_client_that_never_reads_is_dropped_and_others_are_answered_meanwhile()
    {
        await using var control = new RunningControl(new ControlLimits { AnswerTime = Short, RequestTime = Long });
        control.Daemon.All.AddRange(Enumerable.Range(0, 990).Select(number => FakeDaemon.View($"job-{number:x12}", $"guest{number}", JobState.Failed)));
        using var deaf = await control.ConnectAsync();
        var dropped = deaf.SendUntilDroppedAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"command\":\"jobs\",\"limit\":1000}\n", 1000))));

        (await control.AskAsync("ping")).Should().Contain("pong");

        (await dropped).Should().BeLessThan(4 * 1024 * 1024, "what it asks is read only as fast as it reads what it is told");
        (await control.AskAsync("ping")).Should().Contain("pong");
    }

    [Fact]
    public async Task More_clients_than_are_served_are_told_so_and_a_place_that_is_free_again_is_given()
    {
        await using var control = new RunningControl(new ControlLimits { Connections = 2 });
        using var first = await control.ConnectAsync();
        using var second = await control.ConnectAsync();
        await first.AskAsync("ping");
        await second.AskAsync("ping");

        using (var third = await control.ConnectAsync())
        {
            (await third.ReadLineAsync()).Should().Contain("connections.too-many").And.Contain("2 clients are connected");
            (await third.ReadLineAsync()).Should().BeNull();
        }

        first.EndSending();
        (await first.ReadLineAsync()).Should().BeNull();
        await AnsweredAsync(control);
    }

    /// <summary>The server notices a moment after its client that a connection is over.</summary>
    private static async Task AnsweredAsync(RunningControl control)
    {
        var clock = Stopwatch.StartNew();
        string? answer;
        do
        {
            using var next = await control.ConnectAsync();
            await next.SendAsync("ping\n");
            answer = await next.ReadLineAsync();
        }
        while (answer?.Contains("pong", StringComparison.Ordinal) != true && clock.Elapsed < TimeSpan.FromSeconds(10));

        answer.Should().Contain("pong");
    }
}
