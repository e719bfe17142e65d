using System.Collections.Concurrent;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Copy.Step;

/// <summary>Turns the engine's progress into events, at most ten a second for each disk.</summary>
internal sealed class StepObserver(StepContext context, TimeProvider? clock = null) : ICopyObserver
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private const string Verifying = "reading back";

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ConcurrentDictionary<CopyTask, long> _told = new();

    /// <summary>Digests of the disks that were read back, by index.</summary>
    public ConcurrentDictionary<int, string> Digests { get; } = new();

    /// <inheritdoc/>
    public void Started(CopyTask task, ulong size)
    {
        context.Log.Information("disk {Disk}: {Source} to {Target}, {Bytes} bytes", task.Name, task.Source, task.Target, size);
        Tell(task, 0, size);
    }

    /// <inheritdoc/>
    public void Progress(CopyTask task, ulong done, ulong total)
    {
        if (IsTime(task)) Tell(task, done, total);
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

    /// <inheritdoc/>
    public void Warned(CopyTask task, string message) => context.Warn(message, disk: CopyStep.DiskOf(task.Name));

    /// <inheritdoc/>
    public void ReadBack(CopyTask task, ulong done, ulong total)
    {
        if (done == total || IsTime(task)) Tell(task, done, total, Verifying);
    }

    /// <inheritdoc/>
    public void Verified(CopyTask task, string digest)
    {
        Digests[CopyStep.DiskOf(task.Name)] = digest;
        context.Log.Information("disk {Disk}: read back, {Digest}", task.Name, digest);
        context.Events.Verified(digest, CopyStep.DiskOf(task.Name));
    }

    private bool IsTime(CopyTask task)
    {
        var now = _clock.GetTimestamp();
        if (_told.TryGetValue(task, out var last) && _clock.GetElapsedTime(last, now) < Pause) return false;
        _told[task] = now;
        return true;
    }

    private void Tell(CopyTask task, ulong done, ulong total, string? message = null) => context.Events.Progress((long)done, (long)total, "bytes", CopyStep.DiskOf(task.Name), message);
}
