using System.Globalization;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Copy;

/// <summary>The bare command line: <c>copy [options] SOURCE TARGET [SOURCE TARGET …]</c>.</summary>
internal static class CommandLine
{
    private const int Usage = 2;
    private const int Failure = 1;

    internal static int Run(string[] args)
    {
        var settings = new CopySettings();
        var places = new List<string>();
        var progress = -1;
        var format = "raw";
        string? journal = null;
        Qcow2Options? qcow2 = null;
        try
        {
            for (var i = 0; i < args.Length; i++)
            {
                int Number() => int.Parse(args[++i], CultureInfo.InvariantCulture);
                switch (args[i])
                {
                    case "--connections": settings = settings with { Connections = Number() }; break;
                    case "--request-size": settings = settings with { RequestSize = Number() }; break;
                    case "--depth": settings = settings with { Depth = Number() }; break;
                    case "--bandwidth": settings = settings with { Bandwidth = long.Parse(args[++i], CultureInfo.InvariantCulture) }; break;
                    case "--allocated": settings = settings with { Allocated = true }; break;
                    case "--destination-is-zero": settings = settings with { DestinationIsZero = true }; break;
                    case "--target-format": format = args[++i]; break;
                    case "--cluster-size": qcow2 = (qcow2 ?? new()) with { ClusterBytes = Qcow2Options.ParseClusterSize(args[++i]) }; break;
                    case "--compressed": qcow2 = (qcow2 ?? new()) with { Compressed = true }; break;
                    case "--no-direct": settings = settings with { Direct = false }; break;
                    case "--no-flush": settings = settings with { Flush = false }; break;
                    case "--journal": journal = args[++i]; break;
                    case "--resume": settings = settings with { Resume = true }; break;
                    case "--verify": settings = settings with { Verify = true }; break;
                    case "--progress-fd": progress = Number(); break;
                    default: places.Add(args[i]); break;
                }
            }

            if (places.Count == 0 || places.Count % 2 != 0 || places.Exists(p => p.StartsWith("--", StringComparison.Ordinal))) throw new FormatException("SOURCE and TARGET come in pairs");
            if (format is not ("raw" or "qcow2")) throw new FormatException($"--target-format {format}: raw and qcow2 are known");
            if (qcow2 is not null && format != "qcow2") throw new FormatException("--cluster-size and --compressed are for --target-format qcow2");
            if (qcow2 is { Compressed: true } && settings.Allocated) throw new FormatException("--compressed and --allocated exclude each other");
            if (format == "qcow2") settings = settings with { Qcow2 = qcow2 ?? new() };
        }
        catch (Exception e) when (e is FormatException or IndexOutOfRangeException or OverflowException or StepException)
        {
            Console.Error.WriteLine($"copy: {e.Message}\nusage: copy SOURCE TARGET [SOURCE TARGET ...] [--connections N] [--request-size N] [--depth N] [--bandwidth BYTES]"
                + " [--target-format raw|qcow2] [--cluster-size N] [--compressed] [--allocated] [--destination-is-zero] [--no-direct] [--no-flush] [--progress-fd N]");
            return Usage;
        }

        return Copy(places, settings, progress, journal);
    }

    private static int Copy(List<string> places, CopySettings settings, int progress, string? journal)
    {
        using var cancellation = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            cancellation.Cancel();
        };
        try
        {
            var tasks = places.Chunk(2).Select((p, i) => new CopyTask($"{i}", CopyEndpoint.Parse(p[0]), CopyEndpoint.Parse(p[1])) { Journal = journal is null ? null : $"{journal}.{i}" }).ToList();
            using var observer = new ProgressLines(progress);
            CopyEngine.Run(tasks, settings, observer, cancellation.Token);
            return 0;
        }
        catch (CopyException e)
        {
            Console.Error.WriteLine($"copy: {e.Message}\n{e.Hint}");
            return Failure;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("copy: cancelled");
            return Failure;
        }
    }
}
