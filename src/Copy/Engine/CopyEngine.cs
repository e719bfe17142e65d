using Hyper2Kvm.Copy.Verify;

namespace Hyper2Kvm.Copy;

/// <summary>Copies all disks of a guest at once: one process, one memory ceiling, one schedule.</summary>
internal static class CopyEngine
{
    /// <summary>Copies; returns when every target is complete and flushed, and read back if that was asked for.</summary>
    /// <exception cref="CopyException">The first failure. Nothing is in flight any more.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal static void Run(IReadOnlyList<CopyTask> tasks, CopySettings settings, ICopyObserver observer, CancellationToken cancellation)
    {
        if (tasks.Count == 0) return;
        var disks = CopyAll(tasks, settings, observer, cancellation);
        if (!settings.Verify) return;
        ReadBack.Compare(
            [.. disks.Select(disk => (disk.Task, disk.Size, disk.Digest!))],
            settings,
            observer,
            (reads, reading, told) => [.. CopyAll(reads, reading, told, cancellation).Select(disk => disk.Digest!)],
            cancellation);
    }

    private static List<DiskCopy> CopyAll(IReadOnlyList<CopyTask> tasks, CopySettings settings, ICopyObserver observer, CancellationToken cancellation)
    {
        var plan = CopyPlan.Make(settings, tasks);
        using var pool = new BufferPool(plan.BufferBytes);
        var bandwidth = new TokenBucket(settings.Bandwidth, settings.TimeProvider);
        var disks = new List<DiskCopy>(tasks.Count);
        try
        {
            foreach (var task in tasks) disks.Add(new DiskCopy(task, settings, plan, pool, bandwidth, observer));
            foreach (var disk in disks) disk.Start();
            foreach (var disk in disks.Where(d => d.IsSettled))
            {
                disk.IsFinished = true;
                disk.Finish();
            }

            new Workers(disks, plan.Workers, settings.TimeProvider).Run(cancellation);
            return disks;
        }
        finally
        {
            foreach (var disk in disks) disk.Dispose();
        }
    }
}
