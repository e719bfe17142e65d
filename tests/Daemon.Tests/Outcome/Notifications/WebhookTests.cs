using System.Text.Json;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Outcome.Notifications;

namespace Hyper2Kvm.Daemon.Tests.Outcome.Notifications;

public sealed class WebhookTests
{
    private static readonly Note Success = Notes.Succeeded(Outcomes.Succeeded(seconds: 61.5));
    private static readonly Note Failure = Notes.Failed(Outcomes.Failed(ErrorCodes.InputCorrupt, Outcomes.Source("/watch/<!channel>.vmdk"), retries: 2, message: "bad @everyone"));

    private readonly ManualClock _clock = new();
    private readonly LogLines _log = new();

    [Fact]
    public async Task A_server_that_refuses_twice_gets_the_note_at_the_third_try()
    {
        await using var server = await WebhookServer.StartAsync((503, null), (500, null));
        await using var queue = Queue(Settings(server));
        queue.Add(Success);

        await _clock.PassAsync(TimeSpan.FromSeconds(5));
        await _clock.PassAsync(TimeSpan.FromSeconds(30));
        await queue.StopAsync(TimeSpan.FromSeconds(30));

        server.Received.Should().HaveCount(3);
        _log.Lines.Should().BeEmpty();
    }

    [Fact]
    public async Task A_server_that_refuses_three_times_is_told_in_the_log_and_the_next_note_goes_on()
    {
        await using var server = await WebhookServer.StartAsync((503, null), (503, null), (503, null));
        await using var queue = Queue(Settings(server));
        queue.Add(Success);
        queue.Add(Failure);

        await _clock.PassAsync(TimeSpan.FromSeconds(5));
        await _clock.PassAsync(TimeSpan.FromSeconds(30));
        await queue.StopAsync(TimeSpan.FromSeconds(30));

        server.Received.Select(Event).Should().Equal("conversion_success", "conversion_success", "conversion_success", "conversion_failure");
        _log.Lines.Should().ContainSingle().Which.Should().Contain("127.0.0.1 answered 503").And.NotContain("secret-token");
    }

    [Fact]
    public async Task A_server_that_names_a_time_is_left_alone_for_so_long()
    {
        await using var server = await WebhookServer.StartAsync((429, "7"), (429, "Sun, 01 Mar 2026 12:02:07 GMT"));
        await using var queue = Queue(Settings(server));
        queue.Add(Success);

        await _clock.PassAsync(TimeSpan.FromSeconds(7));
        await _clock.PassAsync(TimeSpan.FromMinutes(2));
        await queue.StopAsync(TimeSpan.FromSeconds(30));

        server.Received.Should().HaveCount(3);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    [InlineData(307)]
    public async Task What_a_server_will_never_take_is_not_tried_again_and_no_redirection_is_followed(int status)
    {
        await using var server = await WebhookServer.StartAsync((status, null));
        await using var queue = Queue(Settings(server));
        queue.Add(Success);
        await queue.StopAsync(TimeSpan.FromSeconds(30));

        server.Received.Should().ContainSingle();
        _log.Lines.Should().ContainSingle().Which.Should().Contain($"{status}").And.NotContain("secret-token");
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/secret-token", "cannot be reached")]
    [InlineData("http://name.invalid/secret-token", "cannot be reached")]
    [InlineData("ftp://127.0.0.1/secret-token", "https://")]
    [InlineData("secret-token", "https://")]
    [InlineData("file:/nonexistent/place", "cannot be read")]
    [InlineData("env:HYPER2KVM_TEST_UNSET", "holds nothing")]
    public async Task An_address_that_is_none_is_told_without_the_address(string address, string why)
    {
        var channel = Channel(new NotificationSettings { Enabled = true, WebhookUrl = address });

        (await channel.Awaiting(open => open.SendAsync(Success, default)).Should().ThrowAsync<NotDelivered>()).Which.Message.Should().Contain(why).And.NotContain("secret-token");
    }

    [Fact]
    public async Task An_address_in_a_file_or_the_environment_is_read_when_it_is_needed()
    {
        await using var server = await WebhookServer.StartAsync();
        using var directory = new TemporaryDirectory();
        var variable = $"HYPER2KVM_TEST_{Guid.NewGuid():N}";
        File.WriteAllText(directory.File("url"), $"{server.Address}\n");
        Environment.SetEnvironmentVariable(variable, server.Address);

        await Channel(Settings(server) with { WebhookUrl = $"file:{directory.File("url")}" }).SendAsync(Success, default);
        await Channel(Settings(server) with { WebhookUrl = $"env:{variable}" }).SendAsync(Success, default);

        server.Received.Should().HaveCount(2);
    }

    [Fact]
    public async Task The_generic_form_has_the_fields_that_its_readers_know()
    {
        (await SendAsync("generic", Success)).ToString().Should().Be(JsonSerializer.Serialize(new
        {
            title = "✅ Conversion Successful",
            message = "Successfully converted web01.vmdk in 61.5s",
            level = "success",
            details = new { @event = "conversion_success", filename = "web01.vmdk", duration_seconds = 61.5, output_path = "/out/2026-03-01/web01", timestamp = "2026-03-01T12:00:00Z" },
            source = "hyper2kvm-daemon",
            timestamp = "2026-03-01T12:00:00Z",
        }));
        var failure = (await SendAsync("generic", Failure)).GetProperty("details");
        (failure.GetProperty("error").GetString(), failure.GetProperty("retry_count").GetInt32()).Should().Be(("bad @everyone", 2));
        var stalled = (await SendAsync("generic", Notes.Stalled(3, Outcomes.Noon.AddHours(-2), Outcomes.Noon))).GetProperty("details");
        (stalled.GetProperty("queue_depth").GetInt32(), stalled.GetProperty("idle_minutes").GetDouble(), stalled.GetProperty("last_activity").GetString()).Should().Be((3, 120, "2026-03-01T10:00:00Z"));
    }

    [Fact]
    public async Task Slack_gets_an_attachment_in_which_a_file_name_calls_nobody()
    {
        var attachment = (await SendAsync("slack", Failure)).GetProperty("attachments")[0];

        attachment.GetProperty("color").GetString().Should().Be("#ff0000");
        attachment.GetProperty("title").GetString().Should().Be("❌ Conversion Failed");
        attachment.GetProperty("text").GetString().Should().Be("Failed to convert &lt;!channel&gt;.vmdk: bad @everyone");
        attachment.GetProperty("fields")[0].ToString().Should().Be("""{"title":"filename","value":"&lt;!channel&gt;.vmdk","short":true}""".Replace("&", "\\u0026"));
        attachment.GetProperty("ts").GetInt64().Should().Be(Outcomes.Noon.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task Discord_gets_an_embed_with_a_zone_in_its_time_that_mentions_nobody()
    {
        var sent = await SendAsync("discord", Failure);
        var embed = sent.GetProperty("embeds")[0];

        embed.GetProperty("color").GetInt32().Should().Be(15158332);
        embed.GetProperty("description").GetString().Should().Contain("bad @everyone");
        embed.GetProperty("timestamp").GetString().Should().Be("2026-03-01T12:00:00Z");
        embed.GetProperty("fields")[2].GetProperty("value").GetString().Should().Be("2");
        sent.GetProperty("allowed_mentions").GetProperty("parse").GetArrayLength().Should().Be(0);
    }

    [Theory]
    [InlineData("slack")]
    [InlineData("discord")]
    public async Task A_long_error_is_cut_to_what_the_server_takes(string type)
    {
        var sent = await SendAsync(type, Notes.Failed(Outcomes.Failed(ErrorCodes.InputCorrupt, message: new string('x', 50_000))));

        sent.ToString().Length.Should().BeLessThan(4000);
    }

    private static NotificationSettings Settings(WebhookServer server) => new() { Enabled = true, WebhookUrl = server.Address };

    private static string Event(JsonElement sent) => sent.GetProperty("details").GetProperty("event").GetString()!;

    private async Task<JsonElement> SendAsync(string type, Note note)
    {
        await using var server = await WebhookServer.StartAsync();
        await Channel(Settings(server) with { WebhookType = type }).SendAsync(note, default);
        return server.Received.Single();
    }

    private INoteChannel Channel(NotificationSettings settings) => Notifier.Channels(() => settings, _clock)[0];

    private NoteQueue Queue(NotificationSettings settings) => new(Channel(settings), _clock, _log.Log);
}
