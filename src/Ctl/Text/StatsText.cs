using System.Globalization;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Ctl.Text;

/// <summary>Counters and times, for people.</summary>
internal static class StatsText
{
    /// <summary><c>stats</c>.</summary>
    public static void Show(Answer answer, TextWriter output)
    {
        if (answer.Inner("stats") is not { } stats)
        {
            return;
        }

        output.WriteLine("Daemon Statistics:");
        Line("Uptime", $"{Fixed(stats.Number("uptime_hours"))} hours");
        Line("Processed", stats.Number("total_processed").ToString(CultureInfo.InvariantCulture));
        Line("Failed", stats.Number("total_failed").ToString(CultureInfo.InvariantCulture));
        Line("Retried", stats.Number("total_retried").ToString(CultureInfo.InvariantCulture));
        Line("Success Rate", $"{Fixed(stats.Number("success_rate_percent"))}%");
        Line("Avg Processing Time", $"{Fixed(stats.Number("average_processing_time_seconds"))}s");
        Line("Processing Times", $"50%: {Seconds("p50")}, 95%: {Seconds("p95")}, 99%: {Seconds("p99")}");
        Line("Queue Depth", stats.Number("current_queue_depth").ToString(CultureInfo.InvariantCulture));
        Line("Read", ByteSize.Format(stats.Number("bytes_in")));
        Line("Written", ByteSize.Format(stats.Number("bytes_out")));

        Section("By File Type", stats.Inner("by_file_type")?.Fields() ?? [], entry
            => $"{entry.Name}: {entry.Value.Number("processed")} ok, {entry.Value.Number("failed")} failed, {Fixed(entry.Value.Number("success_rate_percent"))}% success");
        Section("Running", stats.List("current_jobs"), job
            => $"{job.Text("id")}  {job.Text("filename")}  {job.Text("step")}{(job.MaybeNumber("progress_percent") is { } percent ? $" {Fixed(percent)}%" : string.Empty)}".TrimEnd());
        Section("Recent", stats.List("recent_completed"), job
            => $"{job.Time("end_time")}  {job.Text("status"),-7}  {job.Text("filename")}  {Fixed(job.Number("duration_seconds"))}s");

        string Seconds(string percentile) => $"{Fixed(stats.Number($"processing_time_{percentile}_seconds"))}s";

        void Line(string name, string value) => output.WriteLine($"  {name + ":",-21}{value}");

        void Section<T>(string title, IReadOnlyList<T> entries, Func<T, string> text)
        {
            if (entries.Count > 0)
            {
                output.WriteLine();
                output.WriteLine($"  {title}:");
                foreach (var entry in entries)
                {
                    output.WriteLine($"    {text(entry)}");
                }
            }
        }
    }

    private static string Fixed(double number) => number.ToString("0.0", CultureInfo.InvariantCulture);
}
