namespace Hyper2Kvm.Guest.Caching;

/// <summary>How often a cache had what was asked for.</summary>
/// <param name="Name"><c>partitions</c>, <c>probes</c> or <c>directories</c>.</param>
/// <param name="Hits">Times it had it.</param>
/// <param name="Misses">Times it had to be read.</param>
public sealed record CacheCount(string Name, long Hits, long Misses);
