namespace Hyper2Kvm.Guest.Caching;

/// <summary>Counts for one or more caches of a kind; any thread may add.</summary>
/// <param name="name">The kind.</param>
internal sealed class CacheCounter(string name)
{
    private long _hits;
    private long _misses;

    /// <summary>The counts so far.</summary>
    public CacheCount Count => new(name, Interlocked.Read(ref _hits), Interlocked.Read(ref _misses));

    /// <summary>Adds one.</summary>
    /// <param name="hit">Whether the cache had it.</param>
    public void Add(bool hit) => _ = hit ? Interlocked.Increment(ref _hits) : Interlocked.Increment(ref _misses);
}
