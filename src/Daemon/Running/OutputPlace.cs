using System.Globalization;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Native;

namespace Hyper2Kvm.Daemon.Running;

/// <summary>Where guests go: <c>OUTPUT/DATE/NAME</c>, <c>NAME-2</c> where that is taken.</summary>
internal static class OutputPlace
{
    private const int BlockBytes = 512; // stat(2)

    /// <summary>Chooses and makes the directory of a guest. A job that is tried again keeps its own, as long as nothing is in it.</summary>
    /// <param name="outputFolder">The daemon's output folder.</param>
    /// <param name="job">The job.</param>
    /// <param name="now">When.</param>
    public static string Choose(string outputFolder, DaemonJob job, DateTimeOffset now)
    {
        if (job.OutputPath is { } own && (!Directory.Exists(own) || !Directory.EnumerateFileSystemEntries(own).Any()))
        {
            Directory.CreateDirectory(own);
            return own;
        }

        var day = Path.Combine(outputFolder, now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        for (var number = 1; ; number++)
        {
            var place = Path.Combine(day, number == 1 ? job.Source.Name : $"{job.Source.Name}-{number}");
            if (!Path.Exists(place))
            {
                Directory.CreateDirectory(place);
                return place;
            }
        }
    }

    /// <summary>Bytes that the files of a guest take on the target's disks; 0 where they are not in the directory.</summary>
    /// <param name="place">The directory.</param>
    public static long AllocatedBytes(string place)
        => Directory.Exists(place) ? Directory.EnumerateFiles(place).Sum(file => NativeMethods.Status(file) is { } status ? status.Blocks * BlockBytes : 0) : 0;

    /// <summary>Removes what was made for a guest that did not come.</summary>
    /// <param name="place">The directory.</param>
    public static void Release(string place)
    {
        foreach (var directory in (string[])[place, Path.GetDirectoryName(place)!])
        {
            if (Directory.Exists(directory) && !Directory.EnumerateFileSystemEntries(directory).Any())
            {
                Directory.Delete(directory);
            }
        }
    }
}
