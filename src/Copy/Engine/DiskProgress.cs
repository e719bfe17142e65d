namespace Hyper2Kvm.Copy;

/// <summary>How far a disk is, and what it took. Any thread.</summary>
internal sealed class DiskProgress(CopyTask task, ulong size, ICopyObserver observer)
{
    private readonly Lock _lock = new();
    private long _done;
    private long _read;
    private long _written;
    private long _shared;
    private int _retries;
    private ulong _reported;

    /// <summary>What was moved until now.</summary>
    internal CopyResult Result => new(size, (ulong)_read, (ulong)_written, (ulong)_shared, _retries);

    internal void AddRead(long bytes) => Interlocked.Add(ref _read, bytes);

    internal void AddWritten(long bytes) => Interlocked.Add(ref _written, bytes);

    internal void AddShared(long bytes) => Interlocked.Add(ref _shared, bytes);

    internal void CountRetry() => Interlocked.Increment(ref _retries);

    /// <summary>Bytes that will be counted again.</summary>
    internal void Retreat(ulong bytes) => Interlocked.Add(ref _done, -(long)bytes);

    /// <summary>So much more is settled. The observer hears of each hundredth.</summary>
    internal void Advance(ulong bytes)
    {
        Interlocked.Add(ref _done, (long)bytes);
        lock (_lock)
        {
            var done = Math.Min((ulong)Math.Max(0, Interlocked.Read(ref _done)), size);
            if (done < size && done < _reported + (size / 100)) return;
            if (done <= _reported) return;
            _reported = done;
            observer.Progress(task, done, size);
        }
    }
}
