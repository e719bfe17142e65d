using System.Text.Json;
using System.Text.Json.Nodes;
using Hyper2Kvm.Core.Documents;
using Serilog;

namespace Hyper2Kvm.Daemon.Outcome.Statistics;

/// <summary><c>stats.json</c>: <see cref="DaemonStatistics"/> with the times that its percentiles come from (<c>recent_durations_seconds</c>).</summary>
internal sealed class StatisticsFile(string path, ILogger log)
{
    private const string DurationsName = "recent_durations_seconds";

    /// <summary>Other programs show it: it may be read by all who may enter its folder.</summary>
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private bool _failing;

    /// <summary>Reads it. A damaged one is kept as <c>stats.json.damaged</c> and told, and counting begins anew.</summary>
    /// <param name="durations">Gets the times.</param>
    public DaemonStatistics Load(Durations durations)
    {
        try
        {
            var document = JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject ?? throw new JsonException("it is no object");
            foreach (var seconds in document[DurationsName]?.Deserialize(StatisticsJson.Default.DoubleArray) ?? [])
            {
                durations.Add(seconds);
            }

            var statistics = document.Deserialize(StatisticsJson.Default.DaemonStatistics)!;
            return statistics.ByFileType is not null && statistics.RecentCompleted is not null ? statistics : throw new JsonException("a list is null");
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return new DaemonStatistics();
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException)
        {
            File.Move(path, $"{path}.damaged", overwrite: true);
            log.Warning("{Path} is damaged and was put aside as {Aside}; counting begins anew: {Reason}", path, $"{path}.damaged", damaged.Message);
            return new DaemonStatistics();
        }
    }

    /// <summary>Writes it, so that a reader sees the old or the new one. A failure is told once, and again when it has passed.</summary>
    /// <param name="statistics">The counters.</param>
    /// <param name="durations">The times.</param>
    public void Save(DaemonStatistics statistics, Durations durations)
    {
        var document = JsonSerializer.SerializeToNode(statistics, StatisticsJson.Default.DaemonStatistics)!;
        document[DurationsName] = JsonSerializer.SerializeToNode(durations.Seconds, StatisticsJson.Default.DoubleArray);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(document, StatisticsJson.Default.JsonNode), Mode);
            if (_failing)
            {
                log.Information("{Path} can be written again", path);
            }

            _failing = false;
        }
        catch (Exception unwritten) when (unwritten is IOException or UnauthorizedAccessException)
        {
            if (!_failing)
            {
                log.Warning("{Path} cannot be written, and is tried again every minute: {Reason}", path, unwritten.Message);
            }

            _failing = true;
        }
    }
}
