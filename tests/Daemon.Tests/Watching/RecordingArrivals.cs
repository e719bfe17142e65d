using System.Collections.Concurrent;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Watching;

namespace Hyper2Kvm.Daemon.Tests.Watching;

/// <summary>Remembers what the watcher says. Any thread.</summary>
internal sealed class RecordingArrivals : IArrivals, IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<SourceGroup> _completed = [];
    private readonly List<(string Entry, string Reason)> _waiting = [];
    private readonly SemaphoreSlim _news = new(0);

    /// <summary>Entries that belong to a job.</summary>
    public ConcurrentDictionary<string, bool> Taken { get; } = new(StringComparer.Ordinal);

    /// <summary>Thrown once by <see cref="Complete"/>.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Called by the next <see cref="Complete"/>, before it is remembered.</summary>
    public Action? OnComplete { get; set; }

    public IReadOnlyList<SourceGroup> Completed
    {
        get
        {
            lock (_gate)
            {
                return [.. _completed];
            }
        }
    }

    public IReadOnlyList<(string Entry, string Reason)> WaitingFor
    {
        get
        {
            lock (_gate)
            {
                return [.. _waiting];
            }
        }
    }

    public bool IsTaken(string entry) => Taken.ContainsKey(entry);

    public void Complete(SourceGroup source)
    {
        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }

        OnComplete?.Invoke();
        lock (_gate)
        {
            _completed.Add(source);
        }

        _news.Release();
    }

    public void Waiting(string entry, string reason)
    {
        lock (_gate)
        {
            _waiting.Add((entry, reason));
        }

        _news.Release();
    }

    /// <summary>Waits until so many guests are complete.</summary>
    public async Task<IReadOnlyList<SourceGroup>> CompletedAsync(int count)
    {
        await UntilAsync(() => Completed.Count >= count);
        return Completed;
    }

    public void Dispose() => _news.Dispose();

    /// <summary>Waits until something is told to wait.</summary>
    public Task WaitingAsync() => UntilAsync(() => WaitingFor.Count > 0);

    private async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await _news.WaitAsync(limit.Token);
        }
    }
}
