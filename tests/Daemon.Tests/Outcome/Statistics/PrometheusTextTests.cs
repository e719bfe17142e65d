using System.Globalization;
using System.Text.RegularExpressions;
using Hyper2Kvm.Daemon.Outcome;
using Hyper2Kvm.Daemon.Outcome.Statistics;

namespace Hyper2Kvm.Daemon.Tests.Outcome.Statistics;

/// <summary>Reads the text as strictly as Prometheus' own parser does.</summary>
public sealed partial class PrometheusTextTests
{
    private static readonly DaemonStatistics Sample = new()
    {
        DaemonStartTime = Outcomes.Noon,
        TotalProcessed = 40,
        TotalFailed = 2,
        TotalRetried = 5,
        AverageProcessingTimeSeconds = 12.5,
        ProcessingTimeP50Seconds = 11,
        ProcessingTimeP95Seconds = 40.25,
        ProcessingTimeP99Seconds = 1e-7,
        CurrentQueueDepth = 3,
        CurrentJobs = [new RunningJob { Id = "job-1", Filename = "a.vmdk", FileType = "vmdk" }],
        BytesIn = 1L << 50,
        ByFileType = new Dictionary<string, FileTypeStatistics> { ["vmdk"] = new() { Processed = 30 }, ["a\"b\\c\nd"] = new() { Processed = 10, Failed = 2 } },
    };

    [Fact]
    public void Every_line_is_a_head_or_a_sample_of_the_metric_above_it()
    {
        var samples = Parse(PrometheusText.Of(Sample));

        samples["hyper2kvm_processed_total"].Should().Be(40);
        samples["hyper2kvm_source_bytes_total"].Should().Be(1L << 50);
        samples["hyper2kvm_queue_depth"].Should().Be(3);
        samples["hyper2kvm_running_jobs"].Should().Be(1);
        samples["hyper2kvm_start_time_seconds"].Should().Be(Outcomes.Noon.ToUnixTimeSeconds());
        samples["hyper2kvm_processing_time_seconds{quantile=\"0.95\"}"].Should().Be(40.25);
        samples["hyper2kvm_processing_time_seconds{quantile=\"0.99\"}"].Should().Be(1e-7);
        samples["hyper2kvm_processing_time_seconds_sum"].Should().Be(500);
        samples["hyper2kvm_processing_time_seconds_count"].Should().Be(40);
    }

    [Fact]
    public void A_type_of_file_cannot_add_lines_or_labels()
    {
        var samples = Parse(PrometheusText.Of(Sample));

        samples["""hyper2kvm_type_failed_total{type="a\"b\\c\nd"}"""].Should().Be(2);
        samples.Keys.Count(series => series.StartsWith("hyper2kvm_type_processed_total", StringComparison.Ordinal)).Should().Be(2);
    }

    private static Dictionary<string, double> Parse(string text)
    {
        text.Should().EndWith("\n").And.NotContain("\n\n");
        var samples = new Dictionary<string, double>();
        var (name, type) = (string.Empty, string.Empty);
        var lines = text.TrimEnd('\n').Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (Help().Match(lines[i]) is { Success: true } help)
            {
                var declared = Type().Match(lines[++i]);
                declared.Success.Should().BeTrue(lines[i]);
                (name, type) = (help.Groups[1].Value, declared.Groups[2].Value);
                declared.Groups[1].Value.Should().Be(name);
                (type == "counter").Should().Be(name.EndsWith("_total", StringComparison.Ordinal), "counters and only they end in _total");
                continue;
            }

            var sample = SampleLine().Match(lines[i]);
            sample.Success.Should().BeTrue(lines[i]);
            (type == "summary" ? SummaryPart().Replace(sample.Groups[1].Value, string.Empty) : sample.Groups[1].Value).Should().Be(name);
            samples.TryAdd(sample.Groups[1].Value + sample.Groups[2].Value, double.Parse(sample.Groups[3].Value, CultureInfo.InvariantCulture)).Should().BeTrue("a series is given once");
        }

        return samples;
    }

    [GeneratedRegex(@"^# HELP ([a-z_][a-z0-9_]*) [^\\]+\z")]
    private static partial Regex Help();

    [GeneratedRegex(@"^# TYPE ([a-z_][a-z0-9_]*) (counter|gauge|summary)\z")]
    private static partial Regex Type();

    [GeneratedRegex("""^([a-z_][a-z0-9_]*)(\{[a-z]+="(?:[^"\\]|\\["\\n])*"\})? ([-+]?[0-9]+(?:\.[0-9]+)?(?:E[-+][0-9]+)?)\z""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("_(sum|count)$")]
    private static partial Regex SummaryPart();
}
