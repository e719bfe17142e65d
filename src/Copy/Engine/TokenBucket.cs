namespace Hyper2Kvm.Copy;

/// <summary>
/// A bandwidth limit over all threads: a bucket of a tenth of a second, that may go into debt once, so that a request
/// larger than the bucket still passes and is paid for afterwards.
/// </summary>
internal sealed class TokenBucket(long bytesPerSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly double _capacity = bytesPerSecond / 10.0;
    private double _tokens = bytesPerSecond / 10.0;
    private long _last = time.GetTimestamp();

    /// <summary>Takes the tokens and says how long to wait before the bytes may move.</summary>
    internal TimeSpan Take(long bytes)
    {
        if (bytesPerSecond <= 0) return TimeSpan.Zero;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(_capacity, _tokens + (time.GetElapsedTime(_last, now).TotalSeconds * bytesPerSecond));
            _last = now;
            _tokens -= bytes;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / bytesPerSecond);
        }
    }

    /// <summary>Takes the tokens and waits.</summary>
    /// <exception cref="OperationCanceledException">Cancelled meanwhile.</exception>
    internal void Wait(long bytes, CancellationToken cancellation)
    {
        var delay = Take(bytes);
        if (delay > TimeSpan.Zero) Task.Delay(delay, time, cancellation).GetAwaiter().GetResult();
    }
}
