using System.Globalization;
using System.Text;

namespace Hyper2Kvm.Daemon.Outcome.Statistics;

/// <summary>The statistics for a person: what SIGUSR1 puts into the log.</summary>
internal static class StatisticsText
{
    private const double BytesOfGib = 1L << 30;

    /// <summary>Lines, without one at the end.</summary>
    /// <param name="statistics">The statistics.</param>
    public static string Of(DaemonStatistics statistics)
    {
        var text = new StringBuilder();
        Line(text, $"uptime {statistics.UptimeHours:0.0} h; {statistics.TotalProcessed} processed, {statistics.TotalFailed} failed, {statistics.TotalRetried} retried, {statistics.SuccessRatePercent:0.0} % success");
        Line(text, $"time: {statistics.AverageProcessingTimeSeconds:0.0} s on average, half within {statistics.ProcessingTimeP50Seconds:0.0} s, 95 % within {statistics.ProcessingTimeP95Seconds:0.0} s, 99 % within {statistics.ProcessingTimeP99Seconds:0.0} s");
        Line(text, $"data: {statistics.BytesIn / BytesOfGib:0.0} GiB in, {statistics.BytesOut / BytesOfGib:0.0} GiB out");
        foreach (var (type, counted) in statistics.ByFileType)
        {
            Line(text, $"{type}: {counted.Processed} processed, {counted.Failed} failed, {counted.SuccessRatePercent:0.0} % success, {counted.AverageTimeSeconds:0.0} s on average");
        }

        Line(text, $"queue: {statistics.CurrentQueueDepth} waiting, {statistics.CurrentJobs.Count} running");
        foreach (var job in statistics.CurrentJobs)
        {
            Line(text, $"running: {job.Id} {job.Filename}: {job.Step ?? "starting"}{(job.ProgressPercent is { } percent ? string.Create(CultureInfo.InvariantCulture, $" {percent:0} %") : string.Empty)}");
        }

        return text.ToString().TrimEnd('\n');
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
