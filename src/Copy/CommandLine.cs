using System.Globalization;

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
                    case "--no-direct": settings = settings with { Direct = false }; break;
                    case "--no-flush": settings = settings with { Flush = false }; break;
                    case "--progress-fd": progress = Number(); break;
                    default: places.Add(args[i]); break;
                }
            }

            if (places.Count == 0 || places.Count % 2 != 0 || places.Exists(p => p.StartsWith("--", StringComparison.Ordinal))) throw new FormatException("SOURCE and TARGET come in pairs");
        }
        catch (Exception e) when (e is FormatException or IndexOutOfRangeException or OverflowException)
        {
            Console.Error.WriteLine($"copy: {e.Message}\nusage: copy SOURCE TARGET [SOURCE TARGET ...] [--connections N] [--request-size N] [--depth N] [--bandwidth BYTES]"
                + " [--allocated] [--destination-is-zero] [--no-direct] [--no-flush] [--progress-fd N]");
            return Usage;
        }

        return Copy(places, settings, progress);
    }

    private static int Copy(List<string> places, CopySettings settings, int progress)
    {
        using var cancellation = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            cancellation.Cancel();
        };
        try
        {
            var tasks = places.Chunk(2).Select((p, i) => new CopyTask($"{i}", CopyEndpoint.Parse(p[0]), CopyEndpoint.Parse(p[1]))).ToList();
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
