namespace Hyper2Kvm.Guest.Caching;

/// <summary>Keeps what was read for a time, or until it is dropped. Any thread may use it.</summary>
/// <typeparam name="TKey">What it is asked by.</typeparam>
/// <typeparam name="TValue">What it keeps; not to be changed by those who get it.</typeparam>
/// <param name="keep">How long; zero: not at all.</param>
/// <param name="clock">The clock.</param>
/// <param name="counter">Counts hits and misses.</param>
internal sealed class TimedCache<TKey, TValue>(TimeSpan keep, TimeProvider clock, CacheCounter counter)
    where TKey : notnull
{
    /// <summary>A guest can have any number of directories; with so many kept, it is started over.</summary>
    private const int MostEntries = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, (TValue Value, long Read)> _entries = [];
    private int _drops;

    /// <summary>What is kept, or what is read now.</summary>
    /// <param name="key">What is asked for.</param>
    /// <param name="read">Reads it.</param>
    public TValue Get(TKey key, Func<TKey, TValue> read)
    {
        int drops;
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry) && clock.GetElapsedTime(entry.Read) < keep)
            {
                counter.Add(hit: true);
                return entry.Value;
            }

            drops = _drops;
        }

        counter.Add(hit: false);
        var start = clock.GetTimestamp();
        var value = read(key);
        lock (_gate)
        {
            // What was read before a drop may be what it was about.
            if (drops == _drops && keep > TimeSpan.Zero)
            {
                if (_entries.Count >= MostEntries)
                {
                    _entries.Clear();
                }

                _entries[key] = (value, start);
            }
        }

        return value;
    }

    /// <summary>Forgets all.</summary>
    public void Drop()
    {
        lock (_gate)
        {
            _drops++;
            _entries.Clear();
        }
    }
}
