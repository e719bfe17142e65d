using Hyper2Kvm.Copy.Verify;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>The numbers of one run, decided once from settings, cores and number of disks.</summary>
/// <param name="Workers">Threads, shared by all disks.</param>
/// <param name="RequestSize">Bytes of one read, a power of two.</param>
/// <param name="Depth">Reads in flight per lane.</param>
/// <param name="RangeLength">Bytes of data handed to a worker at a time.</param>
internal sealed record CopyPlan(int Workers, int RequestSize, int Depth, ulong RangeLength)
{
    /// <summary>Bytes of a buffer: a request, or one block of a server that has large ones.</summary>
    internal int BufferBytes => Math.Max(RequestSize, (int)NbdBlockSize.LargestMinimum);

    // Chosen by measurement: docs/copy.md, "What was tried".
    internal const int DefaultRequestSize = 1 << 20;

    /// <summary>Straight to a file or device: fewer and larger operations of the disk, and nobody's buffers but ours to fit into a cache.</summary>
    internal const int FileRequestSize = 2 << 20;
    internal const int DefaultDepth = 2;
    internal const int FileDepth = 4;
    private const ulong DefaultRangeLength = 64UL << 20;

    /// <summary>A disk whose server is slow holds one thread; up to so many disks each have one of their own.</summary>
    private const int MostWorkers = 8;

    /// <summary>One worker, and so one connection to each server, for each core, up to so many: more connections cost the servers more than they bring.</summary>
    internal const int MostCores = 4;

    internal static CopyPlan Make(CopySettings settings, IReadOnlyList<CopyTask> tasks)
    {
        var toFiles = tasks.All(task => task.Target.Nbd is null);
        var fewest = Math.Clamp(Environment.ProcessorCount, 1, MostCores);
        var workers = settings.Connections > 0 ? settings.Connections : Math.Clamp(tasks.Count, fewest, MostWorkers);
        var request = settings.RequestSize > 0 ? settings.RequestSize : toFiles ? FileRequestSize : DefaultRequestSize;
        var depth = settings.Depth > 0 ? settings.Depth : toFiles ? FileDepth : DefaultDepth;
        return new CopyPlan(workers, Math.Max(request, Math.Max(settings.Qcow2?.ClusterBytes ?? 0, settings.Verify ? DiskDigest.LeafBytes : NbdBuffer.Alignment)), depth, Math.Max(DefaultRangeLength, (ulong)request));
    }
}
