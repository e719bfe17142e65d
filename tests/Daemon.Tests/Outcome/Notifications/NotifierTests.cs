using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Outcome.Notifications;

namespace Hyper2Kvm.Daemon.Tests.Outcome.Notifications;

public sealed class NotifierTests
{
    private static readonly Verdict Ready = new(JobState.Succeeded);
    private static readonly Verdict Failed = new(JobState.Failed);
    private static readonly Verdict Retrying = new(JobState.Retrying, Outcomes.Noon.AddMinutes(5));

    private readonly ManualClock _clock = new();
    private readonly LogLines _log = new();
    private readonly RecordingChannel _channel = new();
    private NotificationSettings _settings = new() { Enabled = true, OnSuccess = true };
    private QueueActivity _queue = new(0, Outcomes.Noon);

    [Fact]
    public async Task What_ended_is_told_as_the_configuration_in_force_says()
    {
        await using var notifier = Start();
        notifier.Ended(Outcomes.Succeeded(), Ready);
        _settings = _settings with { OnSuccess = false };
        notifier.Ended(Outcomes.Succeeded(), Ready);
        notifier.Ended(Outcomes.Failed(ErrorCodes.InputCorrupt), Failed);
        _settings = _settings with { OnFailure = false, OnSuccess = true };
        notifier.Ended(Outcomes.Failed(ErrorCodes.InputCorrupt), Failed);
        notifier.Ended(Outcomes.Succeeded(), Ready);

        (await NextEventsAsync(3)).Should().Equal("conversion_success", "conversion_failure", "conversion_success");
    }

    [Fact]
    public async Task Of_what_is_tried_again_only_a_full_disk_is_told()
    {
        await using var notifier = Start();
        notifier.Ended(Outcomes.Failed(ErrorCodes.CopyConnection), Retrying);
        notifier.Ended(Outcomes.Failed(ErrorCodes.Interrupted), new Verdict(JobState.Queued));
        notifier.Ended(Outcomes.Failed(ErrorCodes.CopyNoSpace), Retrying);

        var note = await _channel.NextAsync();
        note.Event.Should().Be("conversion_waiting");
        note.Details.Should().Contain(("next_attempt", Outcomes.Noon.AddMinutes(5)));
    }

    [Fact]
    public async Task A_queue_that_does_not_move_for_an_hour_is_told_once_an_hour()
    {
        await using var notifier = Start();
        _queue = new QueueActivity(3, Outcomes.Noon);
        _clock.Advance(TimeSpan.FromMinutes(200));
        notifier.Ended(Outcomes.Succeeded(), Ready);

        (await NextEventsAsync(4)).Should().Equal("daemon_stalled 61", "daemon_stalled 121", "daemon_stalled 181", "conversion_success");
    }

    [Fact]
    public void An_empty_queue_and_one_that_moves_are_not_stalled()
    {
        var watch = new StallWatch();

        watch.Look(new QueueActivity(0, Outcomes.Noon), Outcomes.Noon.AddDays(1)).Should().BeNull();
        watch.Look(new QueueActivity(5, Outcomes.Noon), Outcomes.Noon.AddMinutes(60)).Should().BeNull();
        watch.Look(new QueueActivity(5, Outcomes.Noon), Outcomes.Noon.AddMinutes(61)).Should().NotBeNull();
    }

    [Fact]
    public async Task Stalls_are_not_told_where_nobody_wants_them()
    {
        _settings = _settings with { OnStalled = false };
        await using var notifier = Start();
        _queue = new QueueActivity(3, Outcomes.Noon);
        _clock.Advance(TimeSpan.FromMinutes(200));
        notifier.Ended(Outcomes.Succeeded(), Ready);

        (await NextEventsAsync(1)).Should().Equal("conversion_success");
    }

    [Fact]
    public async Task No_more_than_twenty_notes_go_out_a_minute_and_the_others_are_summed_up()
    {
        await using var queue = new NoteQueue(_channel, _clock, _log.Log);
        for (var i = 0; i < 30; i++)
        {
            queue.Add(i % 3 == 0 ? Notes.Failed(Outcomes.Failed(ErrorCodes.InputCorrupt)) : Notes.Succeeded(Outcomes.Succeeded()));
        }

        (await NextEventsAsync(20)).Should().NotContain("notes_summary");
        await _clock.PassAsync(TimeSpan.FromMinutes(1));
        var sum = await _channel.NextAsync();
        sum.Event.Should().Be("notes_summary");
        sum.Level.Should().Be(NoteLevel.Error);
        sum.Details.Should().BeEquivalentTo([("conversion_failure", (object)3), ("conversion_success", (object)7)]);
        queue.Add(Notes.Succeeded(Outcomes.Succeeded()));
        (await NextEventsAsync(1)).Should().Equal("conversion_success");
    }

    [Fact]
    public async Task A_way_that_hangs_holds_up_nobody_and_the_oldest_notes_are_dropped_and_told()
    {
        var begun = new TaskCompletionSource();
        var hung = new RecordingChannel(async (_, cancel) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancel);
        });
        await using (var notifier = new Notifier(() => _settings, () => _queue, [hung, _channel], _clock, _log.Log))
        {
            notifier.Ended(Outcomes.Succeeded(), Ready);
            await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
            (await NextEventsAsync(1)).Should().Equal(["conversion_success"], "the other way does not wait for it");

            await using var queue = new NoteQueue(hung, _clock, _log.Log);
            for (var i = 0; i < NoteQueue.Capacity + 11; i++)
            {
                queue.Add(Notes.Succeeded(Outcomes.Succeeded(seconds: i)));
            }

            _log.Lines.Count(line => line.Contains("was dropped")).Should().BeInRange(10, 11);
            _log.Lines.First(line => line.Contains("was dropped")).Should().MatchRegex("in [01]\\.0s", "the oldest goes");
        }
    }

    [Fact]
    public async Task A_test_says_of_each_way_whether_it_worked()
    {
        var broken = new RecordingChannel((_, _) => throw new NotDelivered("no.example refused it", canPass: true));
        await using var notifier = new Notifier(() => _settings, () => _queue, [_channel, broken], _clock, _log.Log);

        notifier.NotifyTest().Should().Equal("recording: delivered", "recording: not delivered: no.example refused it");
        (await _channel.NextAsync()).Event.Should().Be("notify_test");
    }

    [Fact]
    public async Task A_test_without_any_way_says_what_to_configure()
    {
        NotificationSettings settings = new() { WebhookUrl = "https://hooks.example/x" };
        await using var notifier = new Notifier(() => settings, () => _queue, Notifier.Channels(() => settings, _clock), _clock, _log.Log);

        notifier.NotifyTest().Should().ContainSingle().Which.Should().Contain("notifications.enabled");
    }

    private Notifier Start() => new(() => _settings, () => _queue, [_channel], _clock, _log.Log);

    private async Task<IReadOnlyList<string>> NextEventsAsync(int count)
    {
        var events = new List<string>();
        while (events.Count < count)
        {
            var note = await _channel.NextAsync();
            events.Add(note.Details.FirstOrDefault(detail => detail.Name == "idle_minutes").Value is { } idle ? $"{note.Event} {idle}" : note.Event);
        }

        return events;
    }
}
