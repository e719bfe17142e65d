using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Queue;

/// <summary>Which entries of the watch folder nobody has to look at: those of jobs that have not ended, and those that stay there after their conversion until they change.</summary>
internal sealed class TakenEntries
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTime?> _entries = new(StringComparer.Ordinal);

    /// <summary>Whether an entry is a job's.</summary>
    /// <param name="entry">Absolute path.</param>
    public bool Has(string entry)
    {
        lock (_lock)
        {
            return _entries.TryGetValue(entry, out var until) && (until is not { } changed || Changed(entry) <= changed);
        }
    }

    /// <summary>A job has these files.</summary>
    /// <param name="source">The job's files.</param>
    public void Take(SourceGroup source)
    {
        lock (_lock)
        {
            foreach (var entry in source.Entries)
            {
                _entries[entry] = null;
            }
        }
    }

    /// <summary>A job has ended: what was moved is free, what stayed is left alone until it changes.</summary>
    /// <param name="from">Its files as they were.</param>
    /// <param name="to">Its files as they are.</param>
    public void Release(SourceGroup from, SourceGroup to)
    {
        lock (_lock)
        {
            foreach (var entry in from.Entries)
            {
                if (to.Entries.Contains(entry) && Path.Exists(entry))
                {
                    _entries[entry] = Changed(entry);
                }
                else
                {
                    _entries.Remove(entry);
                }
            }
        }
    }

    private static DateTime Changed(string entry) => File.GetLastWriteTimeUtc(entry);
}
