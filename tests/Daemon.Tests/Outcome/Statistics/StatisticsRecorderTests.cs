using System.Text.Json;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Outcome;
using Hyper2Kvm.Daemon.Outcome.Statistics;

namespace Hyper2Kvm.Daemon.Tests.Outcome.Statistics;

public sealed class StatisticsRecorderTests : IDisposable
{
    private static readonly Verdict Ready = new(JobState.Succeeded);
    private static readonly Verdict Failed = new(JobState.Failed);
    private static readonly Verdict Retrying = new(JobState.Retrying, Outcomes.Noon);

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualClock _clock = new();
    private readonly LogLines _log = new();
    private QueueSnapshot _queue = new(0, []);

    private string StatsPath => _directory.File("stats.json");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Guests_are_counted_in_all_and_by_type_of_file()
    {
        using var recorder = Start();
        recorder.Ended(Outcomes.Succeeded(seconds: 10, id: "job-1"), Ready);
        recorder.Ended(Outcomes.Succeeded(Outcomes.Source("/watch/b.vhdx", bytes: 3_000_000), seconds: 30, id: "job-2"), Ready);
        recorder.Ended(Outcomes.Failed(ErrorCodes.InputCorrupt), Failed);

        var seen = recorder.Snapshot();
        (seen.TotalProcessed, seen.TotalFailed, seen.TotalRetried).Should().Be((2, 1, 0));
        seen.SuccessRatePercent.Should().BeApproximately(66.67, 0.01);
        seen.AverageProcessingTimeSeconds.Should().Be(20);
        (seen.BytesIn, seen.BytesOut).Should().Be((3_000_000 + (1 << 20), 1_000_000));
        seen.ByFileType["vmdk"].Should().Be(new FileTypeStatistics { Processed = 1, Failed = 1, SuccessRatePercent = 50, AverageTimeSeconds = 10 });
        seen.ByFileType["vhdx"].Should().Be(new FileTypeStatistics { Processed = 1, SuccessRatePercent = 100, AverageTimeSeconds = 30 });
        seen.RecentCompleted.Select(job => job.Status).Should().Equal("failed", "success", "success");
        seen.RecentCompleted[0].Error.Should().Be(ErrorCodes.InputCorrupt.Meaning);
    }

    [Fact]
    public void A_retry_is_counted_once_it_has_run_and_its_job_once_it_has_ended()
    {
        using var recorder = Start();
        recorder.Ended(Outcomes.Failed(ErrorCodes.CopyConnection), Retrying);
        (recorder.Snapshot().TotalRetried, recorder.Snapshot().TotalFailed).Should().Be((0, 0));
        recorder.Ended(Outcomes.Failed(ErrorCodes.CopyConnection, retries: 1), Retrying);
        recorder.Ended(Outcomes.Succeeded(retries: 2), Ready);

        (recorder.Snapshot().TotalRetried, recorder.Snapshot().TotalFailed, recorder.Snapshot().TotalProcessed).Should().Be((2, 0, 1));
    }

    [Fact]
    public void A_job_that_the_daemon_stopped_or_is_told_twice_counts_once()
    {
        using var recorder = Start();
        recorder.Ended(Outcomes.Failed(ErrorCodes.Interrupted), new Verdict(JobState.Queued));
        recorder.Ended(Outcomes.Succeeded(), Ready);
        recorder.Ended(Outcomes.Succeeded(), Ready);

        recorder.Snapshot().TotalProcessed.Should().Be(1);
        recorder.Snapshot().RecentCompleted.Should().ContainSingle();
    }

    [Fact]
    public void Counters_and_percentiles_survive_a_restart_and_uptime_begins_anew()
    {
        using (var first = Start())
        {
            for (var i = 1; i <= 100; i++)
            {
                first.Ended(Outcomes.Succeeded(seconds: i, id: $"job-{i}"), Ready);
            }

            _clock.Advance(TimeSpan.FromHours(2));
            first.Snapshot().UptimeHours.Should().Be(2);
        }

        using var second = Start();
        second.Ended(Outcomes.Succeeded(seconds: 50.5, id: "job-last"), Ready);
        _clock.Advance(TimeSpan.FromMinutes(30));

        var seen = second.Snapshot();
        (seen.TotalProcessed, seen.AverageProcessingTimeSeconds).Should().Be((101, 50.5));
        (seen.ProcessingTimeP50Seconds, seen.ProcessingTimeP95Seconds, seen.ProcessingTimeP99Seconds).Should().Be((50.5, 95, 99));
        (seen.UptimeHours, seen.DaemonStartTime).Should().Be((0.5, Outcomes.Noon.AddHours(2)));
        seen.RecentCompleted.Should().HaveCount(10);
    }

    [Fact]
    public void The_file_is_written_at_the_end_of_each_try_and_every_minute_and_at_the_end()
    {
        using (var recorder = Start())
        {
            recorder.Ended(Outcomes.Succeeded(), Ready);
            Read().GetProperty("total_processed").GetInt64().Should().Be(1);

            _queue = new QueueSnapshot(7, [new RunningJob { Id = "job-9", Filename = "big.vmdk", FileType = "vmdk", Step = "copy", ProgressPercent = 42 }]);
            _clock.Advance(TimeSpan.FromSeconds(59));
            Read().GetProperty("current_queue_depth").GetInt32().Should().Be(0);
            _clock.Advance(TimeSpan.FromSeconds(1));
            Read().GetProperty("current_queue_depth").GetInt32().Should().Be(7);
            Read().GetProperty("current_jobs")[0].GetProperty("progress_percent").GetDouble().Should().Be(42);

            _queue = new QueueSnapshot(3, []);
        }

        Read().GetProperty("current_queue_depth").GetInt32().Should().Be(3);
        Directory.GetFiles(_directory.Path).Should().Equal(StatsPath);
    }

    [Fact]
    public void The_file_has_the_names_that_its_readers_know()
    {
        Start().Dispose();

        Read().EnumerateObject().Select(field => field.Name).Should().Contain(
            ["daemon_start_time", "uptime_seconds", "uptime_hours", "total_processed", "total_failed", "total_retried", "success_rate_percent",
            "average_processing_time_seconds", "current_queue_depth", "current_jobs", "by_file_type", "recent_completed", "last_updated"]);
        Read().GetProperty("daemon_start_time").GetDateTimeOffset().Should().Be(Outcomes.Noon);
    }

    [Theory]
    [InlineData("{\"total_processed\": 5")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"total_processed\": \"many\"}")]
    [InlineData("{\"by_file_type\": null}")]
    [InlineData("{\"recent_durations_seconds\": {}}")]
    public void A_damaged_file_is_put_aside_and_told_and_counting_begins_anew(string content)
    {
        File.WriteAllText(StatsPath, content);

        using var recorder = Start();

        recorder.Snapshot().TotalProcessed.Should().Be(0);
        File.ReadAllText($"{StatsPath}.damaged").Should().Be(content);
        _log.Lines.Should().ContainSingle().Which.Should().Contain("stats.json.damaged");
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_told_once_and_costs_no_count()
    {
        using var recorder = Start();
        Directory.CreateDirectory(StatsPath); // renaming a file onto it fails, for root as well
        recorder.Ended(Outcomes.Succeeded(id: "job-1"), Ready);
        recorder.Ended(Outcomes.Succeeded(id: "job-2"), Ready);
        _log.Lines.Should().ContainSingle().Which.Should().Contain("cannot be written");

        Directory.Delete(StatsPath);
        _clock.Advance(StatisticsRecorder.Interval);
        Read().GetProperty("total_processed").GetInt64().Should().Be(2);
    }

    [Fact]
    public void Percentiles_are_of_the_last_thousand()
    {
        var durations = new Durations();
        for (var i = 1; i <= 3000; i++)
        {
            durations.Add(i);
        }

        durations.Seconds.Should().HaveCount(Durations.Kept);
        durations.Percentiles(0, 0.5, 1).Should().Equal(2001, 2500, 3000);
        new Durations().Percentiles(0.5).Should().Equal(0);
    }

    [Fact]
    public void The_summary_says_what_runs_and_what_was_done()
    {
        _queue = new QueueSnapshot(4, [new RunningJob { Id = "job-9", Filename = "big.vmdk", FileType = "vmdk", Step = "copy", ProgressPercent = 42.4 }]);
        using var recorder = Start();
        recorder.Ended(Outcomes.Succeeded(), Ready);
        _clock.Advance(TimeSpan.FromMinutes(90));

        StatisticsText.Of(recorder.Snapshot()).Split('\n').Should().Equal(
            "uptime 1.5 h; 1 processed, 0 failed, 0 retried, 100.0 % success",
            "time: 60.0 s on average, half within 60.0 s, 95 % within 60.0 s, 99 % within 60.0 s",
            "data: 0.0 GiB in, 0.0 GiB out",
            "vmdk: 1 processed, 0 failed, 100.0 % success, 60.0 s on average",
            "queue: 4 waiting, 1 running",
            "running: job-9 big.vmdk: copy 42 %");
    }

    private StatisticsRecorder Start() => new(StatsPath, () => _queue, _clock, _log.Log);

    private JsonElement Read() => JsonDocument.Parse(File.ReadAllBytes(StatsPath)).RootElement;
}
