using System.Globalization;
using System.Text;

namespace Hyper2Kvm.Daemon.Outcome.Statistics;

/// <summary>The statistics as <c>/metrics</c> gives them.</summary>
/// <remarks>Prometheus, "Exposition formats", section "Text-based format" (version 0.0.4); names by "Metric and label naming": base units, counters end in <c>_total</c>.</remarks>
internal static class PrometheusText
{
    /// <summary>Content type of the text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string Prefix = "hyper2kvm_";

    /// <summary>The text.</summary>
    /// <param name="statistics">The statistics.</param>
    public static string Of(DaemonStatistics statistics)
    {
        var text = new StringBuilder();
        Metric(text, "start_time_seconds", "gauge", "When the daemon began, in seconds since 1970.", statistics.DaemonStartTime.ToUnixTimeMilliseconds() / 1000.0);
        Metric(text, "processed_total", "counter", "Guests that are ready.", statistics.TotalProcessed);
        Metric(text, "failed_total", "counter", "Guests that failed for good.", statistics.TotalFailed);
        Metric(text, "retried_total", "counter", "Tries after a failure.", statistics.TotalRetried);
        Metric(text, "source_bytes_total", "counter", "Bytes of the sources of guests that are ready.", statistics.BytesIn);
        Metric(text, "written_bytes_total", "counter", "Bytes that were written to targets.", statistics.BytesOut);
        Metric(text, "queue_depth", "gauge", "Jobs that wait, for a place or for their retry.", statistics.CurrentQueueDepth);
        Metric(text, "running_jobs", "gauge", "Jobs that run.", statistics.CurrentJobs.Count);
        Types(text, "type_processed_total", "Guests that are ready, by type of their first file.", statistics, counted => counted.Processed);
        Types(text, "type_failed_total", "Guests that failed for good, by type of their first file.", statistics, counted => counted.Failed);
        ProcessingTime(text, statistics);
        return text.ToString();
    }

    /// <summary>A label's value with its backslashes, quotes and line ends escaped.</summary>
    /// <param name="value">The value.</param>
    public static string Escape(string value)
        => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static void Metric(StringBuilder text, string name, string type, string help, double value)
    {
        Head(text, name, type, help);
        Sample(text, name, value);
    }

    private static void Types(StringBuilder text, string name, string help, DaemonStatistics statistics, Func<FileTypeStatistics, long> value)
    {
        Head(text, name, "counter", help);
        foreach (var (type, counted) in statistics.ByFileType)
        {
            Sample(text, $"{name}{{type=\"{Escape(type)}\"}}", value(counted));
        }
    }

    private static void ProcessingTime(StringBuilder text, DaemonStatistics statistics)
    {
        const string Name = "processing_time_seconds";
        Head(text, Name, "summary", "Time of a successful try; quantiles of the last thousand.");
        Sample(text, $"{Name}{{quantile=\"0.5\"}}", statistics.ProcessingTimeP50Seconds);
        Sample(text, $"{Name}{{quantile=\"0.95\"}}", statistics.ProcessingTimeP95Seconds);
        Sample(text, $"{Name}{{quantile=\"0.99\"}}", statistics.ProcessingTimeP99Seconds);
        Sample(text, $"{Name}_sum", statistics.AverageProcessingTimeSeconds * statistics.TotalProcessed);
        Sample(text, $"{Name}_count", statistics.TotalProcessed);
    }

    private static void Head(StringBuilder text, string name, string type, string help)
        => text.Append($"# HELP {Prefix}{name} {help}\n# TYPE {Prefix}{name} {type}\n");

    private static void Sample(StringBuilder text, string series, double value)
        => text.Append(Prefix).Append(series).Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
}
