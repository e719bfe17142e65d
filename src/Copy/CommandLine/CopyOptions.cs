using System.CommandLine;
using System.CommandLine.Parsing;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy.CommandLine;

/// <summary>The options of a copy by hand. In a work directory the job says all of this.</summary>
internal sealed class CopyOptions
{
    private const int MostConnections = 64;
    private const int MostDepth = 256;

    /// <summary>What every NBD server takes (proto.md, "Block size constraints": 32 MiB where nothing is said).</summary>
    private const int LongestRequest = 32 << 20;

    private readonly Option<int?> _connections = NumberOption.Count(
        "--connections", $"Threads, and connections to each server at most (default: as many as cores, up to {CopyPlan.MostCores}; with more disks, more).", 1, MostConnections);

    private readonly Option<long?> _requestSize = NumberOption.Bytes(
        "--request-size",
        $"Bytes of one read or write, a power of two (default: {CopyPlan.FileRequestSize >> 20}M where all targets are files or devices, else {CopyPlan.DefaultRequestSize >> 20}M).",
        NbdBuffer.Alignment,
        LongestRequest,
        powerOfTwo: true);

    private readonly Option<int?> _depth = NumberOption.Count("--depth", $"Reads in flight on each connection (default: {CopyPlan.FileDepth} where all targets are files or devices, else {CopyPlan.DefaultDepth}).", 1, MostDepth);

    private readonly Option<long?> _bandwidth = NumberOption.Bytes(
        "--bandwidth", "Most bytes to read in a second, all disks together (default: no limit).", 1, long.MaxValue);

    private readonly Option<string> _targetFormat = new("--target-format")
    {
        Description = "Format of targets that are files: raw or qcow2. A server has the format that it serves.",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => "raw",
    };

    private readonly Option<long?> _clusterSize = NumberOption.Bytes(
        "--cluster-size",
        $"Bytes of a qcow2 cluster, a power of two (default: {new Qcow2Options().ClusterBytes >> 10}k).",
        Qcow2Options.SmallestCluster,
        Qcow2Options.LargestCluster,
        powerOfTwo: true);

    private readonly Option<bool> _compressed = new("--compressed") { Description = "Deflate each qcow2 cluster that becomes smaller by it (default: none)." };
    private readonly Option<bool> _allocated = new("--allocated") { Description = "Make no holes in the target (default: what is zero takes no space)." };

    private readonly Option<bool> _destinationIsZero = new("--destination-is-zero")
    {
        Description = "Trust that targets that are servers or block devices read as zeroes everywhere already (default: zeroes are written there, and so they are where the journal tells of an earlier copy). Files are made anew in any case.",
    };

    private readonly Option<bool> _noDirect = new("--no-direct") { Description = "Read and write files and devices through the page cache (default: around it, with O_DIRECT)." };
    private readonly Option<bool> _noFlush = new("--no-flush") { Description = "Do not wait until the targets' data is on stable storage (default: wait)." };

    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Compute a digest of each disk while it is read, read the target back when all is written, and compare (default: no). The digest is printed.",
    };

    private readonly Option<string?> _journal = new("--journal")
    {
        Description = "Keep in PATH.0, PATH.1 … what of each disk is on stable storage, so that a copy that was killed can go on with --resume (default: no journal).",
        HelpName = "PATH",
    };

    private readonly Option<int?> _journalEvery = NumberOption.Count(
        "--journal-every", $"Seconds after which the targets are flushed and what is finished goes into the journal (default: {new CopySettings().NoteEvery.TotalSeconds}).", 0, 3600);

    private readonly Option<int?> _progress = NumberOption.Count(
        "--progress-fd", "Write how much of all disks is done, in percent, to file descriptor N, as nbdcopy does: lines 'P/100' (default: nowhere).", 0, int.MaxValue);

    /// <summary>Go on; as a step, too.</summary>
    internal Option<bool> Resume { get; } = new("--resume")
    {
        Description = "Go on with a copy that was killed: what its journal says is finished is not copied again, unless source or target are others by now (default: copy all).",
    };

    /// <summary>Where journals were asked for: the path without their numbers, or null.</summary>
    /// <param name="parsed">The parsed command line.</param>
    internal string? Journal(ParseResult parsed) => parsed.GetValue(_journal);

    /// <summary>What to do after an interruption.</summary>
    /// <param name="parsed">The parsed command line.</param>
    internal string AfterInterruption(ParseResult parsed) => parsed.GetValue(_journal) is null ? "Run again." : "Run again with --resume, to go on from the journal.";

    /// <summary>Descriptor for progress lines, or -1.</summary>
    /// <param name="parsed">The parsed command line.</param>
    internal int ProgressDescriptor(ParseResult parsed) => parsed.GetValue(_progress) ?? -1;

    /// <summary>Adds them to the command.</summary>
    /// <param name="command">The command.</param>
    internal void AddTo(Command command)
    {
        _targetFormat.AcceptOnlyFromAmong("raw", "qcow2");
        _progress.Validators.Add(CheckDescriptor);
        foreach (var option in All) command.Options.Add(option);
        command.Options.Add(Resume);
    }

    /// <summary>Refuses options that contradict each other.</summary>
    /// <param name="result">The command as it was given.</param>
    internal void Check(CommandResult result)
    {
        var qcow2 = result.GetValue(_targetFormat) == "qcow2";
        foreach (var option in new Option[] { _clusterSize, _compressed }.Where(option => !qcow2 && IsGiven(result, option)))
        {
            result.AddError($"{option.Name} goes with --target-format qcow2 only");
        }

        if (!IsGiven(result, _journal))
        {
            foreach (var option in new Option[] { Resume, _journalEvery }.Where(option => IsGiven(result, option))) result.AddError($"{option.Name} needs --journal");
        }
        else if (IsGiven(result, _noFlush))
        {
            result.AddError("--journal and --no-flush exclude each other: only what was flushed goes into a journal");
        }

        if (IsGiven(result, _noFlush) && IsGiven(result, _verify)) result.AddError("--no-flush and --verify exclude each other: what is not flushed would be read back from memory");
        if (IsGiven(result, _compressed) && IsGiven(result, _allocated)) result.AddError("--compressed and --allocated exclude each other: how long a compressed image will be is not known");
    }

    /// <summary>Those that were given, and so would be ignored where they do not apply.</summary>
    /// <param name="result">The command as it was given.</param>
    internal IEnumerable<Option> Given(CommandResult result) => All.Where(option => IsGiven(result, option));

    /// <summary>What they say.</summary>
    /// <param name="parsed">The parsed command line.</param>
    internal CopySettings Read(ParseResult parsed) => new()
    {
        Connections = parsed.GetValue(_connections) ?? 0,
        RequestSize = (int)(parsed.GetValue(_requestSize) ?? 0),
        Depth = parsed.GetValue(_depth) ?? 0,
        Bandwidth = parsed.GetValue(_bandwidth) ?? 0,
        Qcow2 = parsed.GetValue(_targetFormat) != "qcow2" ? null : new Qcow2Options
        {
            ClusterBytes = (int)(parsed.GetValue(_clusterSize) ?? new Qcow2Options().ClusterBytes),
            Compressed = parsed.GetValue(_compressed),
        },
        Allocated = parsed.GetValue(_allocated),
        DestinationIsZero = parsed.GetValue(_destinationIsZero),
        Direct = !parsed.GetValue(_noDirect),
        Flush = !parsed.GetValue(_noFlush),
        Verify = parsed.GetValue(_verify),
        Resume = parsed.GetValue(Resume),
        NoteEvery = TimeSpan.FromSeconds(parsed.GetValue(_journalEvery) ?? new CopySettings().NoteEvery.TotalSeconds),
    };

    private Option[] All =>
    [
        _connections, _requestSize, _depth, _bandwidth, _targetFormat, _clusterSize, _compressed, _allocated, _destinationIsZero, _noDirect, _noFlush, _verify, _journal, _journalEvery, _progress,
    ];

    private static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private static void CheckDescriptor(OptionResult result)
    {
        // Every open descriptor is a link there, whatever it leads to (proc_pid_fd(5)).
        if (result.Errors.Any() || result.GetValueOrDefault<int?>() is not { } number) return;
        if (new FileInfo($"/proc/self/fd/{number}").LinkTarget is null) result.AddError($"--progress-fd: descriptor {number} is not open");
    }
}
