using System.Collections.Concurrent;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Copy.Step;

/// <summary>Turns the engine's progress into events, at most ten a second for each disk.</summary>
internal sealed class StepObserver(StepContext context, TimeProvider? clock = null) : ICopyObserver
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ConcurrentDictionary<CopyTask, long> _told = new();

    /// <inheritdoc/>
    public void Started(CopyTask task, ulong size)
    {
        context.Log.Information("disk {Disk}: {Source} to {Target}, {Bytes} bytes", task.Name, task.Source, task.Target, size);
        Tell(task, 0, size);
    }

    /// <inheritdoc/>
    public void Progress(CopyTask task, ulong done, ulong total)
    {
        var now = _clock.GetTimestamp();
        if (!_told.TryGetValue(task, out var last) || _clock.GetElapsedTime(last, now) >= Pause)
        {
            _told[task] = now;
            Tell(task, done, total);
        }
    }

    /// <inheritdoc/>
    public void Finished(CopyTask task, CopyResult result)
    {
        context.Log.Information(
            "disk {Disk}: {Read} bytes read, {Written} written, {Shared} left to the file system, {Retries} requests sent again",
            task.Name,
            result.Read,
            result.Written,
            result.Shared,
            result.Retries);
        Tell(task, result.Size, result.Size);
    }

    private void Tell(CopyTask task, ulong done, ulong total) => context.Events.Progress((long)done, (long)total, "bytes", CopyStep.DiskOf(task.Name));
}
