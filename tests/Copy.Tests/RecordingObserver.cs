using System.Collections.Concurrent;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>Remembers what it was told.</summary>
internal sealed class RecordingObserver : ICopyObserver
{
    private readonly Action<CopyTask, ulong>? _onProgress;

    internal RecordingObserver(Action<CopyTask, ulong>? onProgress = null) => _onProgress = onProgress;

    internal ConcurrentQueue<(string Disk, ulong Done)> Steps { get; } = new();

    internal ConcurrentQueue<(string Disk, CopyResult Result)> Results { get; } = new();

    internal ConcurrentQueue<(string Disk, string Message)> Warnings { get; } = new();

    internal ConcurrentQueue<(string Disk, string Digest)> Digests { get; } = new();

    internal ConcurrentQueue<(string Disk, ulong Done)> ReadBackSteps { get; } = new();

    public void Warned(CopyTask task, string message) => Warnings.Enqueue((task.Name, message));

    public void ReadBack(CopyTask task, ulong done, ulong total) => ReadBackSteps.Enqueue((task.Name, done));

    public void Verified(CopyTask task, string digest) => Digests.Enqueue((task.Name, digest));

    public void Started(CopyTask task, ulong size) => Steps.Enqueue((task.Name, 0));

    public void Progress(CopyTask task, ulong done, ulong total)
    {
        Steps.Enqueue((task.Name, done));
        _onProgress?.Invoke(task, done);
    }

    public void Finished(CopyTask task, CopyResult result) => Results.Enqueue((task.Name, result));
}
