using System.Text;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Running;

/// <summary>The logs of a job, while its work directory is there.</summary>
internal static class JobLogs
{
    private const int LargestTail = 1024 * 1024;

    /// <summary>Last lines of the log that was written last; of one that ended, what its failure says.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="job">The job.</param>
    /// <param name="lines">How many at most.</param>
    public static IReadOnlyList<string> Last(DaemonConfiguration configuration, DaemonJob job, int lines)
    {
        var logs = Path.Combine(Conversion.WorkDirectoryOf(configuration, job.Id), "logs");
        var newest = Directory.Exists(logs) ? new DirectoryInfo(logs).EnumerateFiles("*.log").MaxBy(file => file.LastWriteTimeUtc) : null;
        return newest is not null ? Tail(newest.FullName, lines)
            : job.Error is { } error ? [$"{job.ErrorCode}: {error}"]
            : [];
    }

    private static List<string> Tail(string path, int lines)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(file.Length, LargestTail), SeekOrigin.End);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var last = new Queue<string>(lines);
        while (reader.ReadLine() is { } line)
        {
            if (last.Count == lines)
            {
                last.Dequeue();
            }

            last.Enqueue(line);
        }

        return [.. last];
    }
}
