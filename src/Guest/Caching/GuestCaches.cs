using Hyper2Kvm.Guest.Partitions;

namespace Hyper2Kvm.Guest.Caching;

/// <summary>The caches of one opened guest.</summary>
internal sealed class GuestCaches
{
    private readonly CacheCounter _partitions = new("partitions");
    private readonly CacheCounter _probes = new("probes");
    private readonly CacheCounter _directories = new("directories");
    private readonly CacheTimes _times;
    private readonly TimeProvider _clock;
    private int _writers;

    /// <summary>Makes empty ones.</summary>
    /// <param name="times">How long each keeps.</param>
    /// <param name="clock">The clock.</param>
    public GuestCaches(CacheTimes times, TimeProvider clock)
    {
        _times = times;
        _clock = clock;
        Partitions = new(times.Partitions, clock, _partitions);
        Probes = new(times.Probes, clock, _probes);
    }

    /// <summary>Partition tables by the index of their disk.</summary>
    public TimedCache<int, PartitionTable> Partitions { get; }

    /// <summary>What volumes hold, by the volume as it was found first.</summary>
    public TimedCache<GuestVolume, GuestVolume> Probes { get; }

    /// <summary>Counts of all.</summary>
    public IReadOnlyList<CacheCount> Counts => [_partitions.Count, _probes.Count, _directories.Count];

    /// <summary>Whether something is mounted for writing: then the kernel changes superblocks when it likes, and nothing of them is kept.</summary>
    public bool IsWritten => Volatile.Read(ref _writers) > 0;

    /// <summary>A cache of directory reads for one tree of files.</summary>
    public TimedCache<string, IReadOnlyList<string>> ForTree() => new(_times.Directories, _clock, _directories);

    /// <summary>Something is mounted for writing from now on.</summary>
    public void BeginWriting()
    {
        Interlocked.Increment(ref _writers);
        Drop();
    }

    /// <summary>It is unmounted.</summary>
    public void EndWriting()
    {
        Drop();
        Interlocked.Decrement(ref _writers);
    }

    /// <summary>Forgets partition tables and what volumes hold.</summary>
    public void Drop()
    {
        Partitions.Drop();
        Probes.Drop();
    }
}
