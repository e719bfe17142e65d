using Hyper2Kvm.Daemon.Watching.Grouping;
using Serilog;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>All guests of the watch folder on their way to being complete. Not for several threads, and without a clock: its owner calls <see cref="Look"/> when <see cref="NextLook"/> has come.</summary>
/// <param name="reader">Looks at the watch folder.</param>
/// <param name="arrivals">Who takes them.</param>
/// <param name="given">What it took before.</param>
/// <param name="log">Is told what is left alone, and what could not be queued.</param>
/// <param name="pace">How often is looked.</param>
/// <param name="timeout"><c>file_stable_timeout</c>.</param>
internal sealed class PendingGuests(EntryReader reader, IArrivals arrivals, GivenGuests given, ILogger log, Pace pace, TimeSpan timeout)
{
    private readonly Notices _notices = new(log);
    private readonly Dictionary<string, FolderEntry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Pending> _pending = new(StringComparer.Ordinal);

    private bool _regroup;

    /// <summary>Is told every folder that was found, so that it is watched too.</summary>
    public Action<FolderEntry>? FolderFound { get; init; }

    /// <summary>When <see cref="Look"/> is to be called; <see langword="null"/>: not before something is touched.</summary>
    public TimeSpan? NextLook { get; private set; }

    /// <summary>Something has happened to an entry.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="now">The time.</param>
    /// <param name="gone">Whether it went, even if one of its name is there again.</param>
    public void Touch(string name, TimeSpan now, bool gone = false)
    {
        _touched.Add(name);
        if (gone)
        {
            _regroup = true;
            given.Forget(name);
            _notices.Forget(name);
        }

        var next = pace.After(now);
        NextLook = NextLook is { } earlier && earlier < next ? earlier : next;
    }

    /// <summary>All is to be looked at anew: at the start, when events were lost, when a polled folder is due.</summary>
    /// <param name="now">The time.</param>
    /// <exception cref="IOException">The watch folder cannot be read.</exception>
    public void TouchAll(TimeSpan now)
    {
        var present = Directory.EnumerateFileSystemEntries(reader.Root).Select(path => Path.GetFileName(path)).Where(name => !IgnoredNames.IsHidden(name)).ToHashSet(StringComparer.Ordinal);
        foreach (var name in given.Names.Concat(_notices.Names).Except(present).ToList())
        {
            Touch(name, now, gone: true);
        }

        foreach (var name in present.Concat(_entries.Keys).ToList())
        {
            Touch(name, now);
        }
    }

    /// <summary>Looks at what is due, and gives away what is complete.</summary>
    /// <param name="now">The time.</param>
    /// <param name="writers">Who writes.</param>
    public void Look(TimeSpan now, OpenWriters writers)
    {
        foreach (var pending in _pending.Values.Where(pending => pending.Candidate.Entries.Any(_touched.Contains)))
        {
            pending.Next = now;
        }

        var due = _pending.Values.Where(pending => pending.Next <= now).SelectMany(pending => pending.Candidate.Entries).Concat(_touched).ToHashSet(StringComparer.Ordinal);
        _touched.Clear();
        foreach (var name in due)
        {
            _regroup |= Refresh(name);
        }

        if (_regroup)
        {
            _regroup = false;
            Regroup(now);
        }

        foreach (var pending in _pending.Values.Where(pending => pending.Next <= now).ToList())
        {
            Step(pending, now, writers);
        }

        NextLook = _pending.Count > 0 ? _pending.Values.Min(pending => pending.Next) : null;
        if (_touched.Count > 0)
        {
            NextLook = pace.After(now);
        }
    }

    /// <summary>Looks at one entry again.</summary>
    /// <returns>Whether it has changed.</returns>
    private bool Refresh(string name)
    {
        var before = _entries.GetValueOrDefault(name);
        string? notice = null;
        var entry = IgnoredNames.IsHidden(name) || arrivals.IsTaken(Path.Combine(reader.Root, name)) ? null : reader.Read(name, before, out notice);
        if (notice is not null)
        {
            _notices.Tell(name, notice);
        }

        if (entry is null)
        {
            return _entries.Remove(name);
        }

        _entries[name] = entry;
        if (before is not null && entry.SameAs(before))
        {
            return false;
        }

        if (entry.IsDirectory)
        {
            FolderFound?.Invoke(entry);
        }

        return true;
    }

    private void Regroup(TimeSpan now)
    {
        var candidates = Candidates.Find(_entries.Values);
        var grouped = candidates.SelectMany(candidate => candidate.Entries).ToHashSet(StringComparer.Ordinal);
        foreach (var unknown in _entries.Values.Where(entry => !entry.IsDirectory && FileTypes.Of(entry.Name).Role == FileRole.Unknown && !grouped.Contains(entry.Name)))
        {
            _notices.Tell(unknown.Name, "its type is not known, and no description names it");
        }

        var left = _pending.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var candidate in candidates)
        {
            var key = candidate.Entries[0];
            if (given.Contains(candidate))
            {
                continue;
            }

            left.Remove(key);
            if (!_pending.TryGetValue(key, out var pending))
            {
                _pending.Add(key, new Pending(candidate, new Stability(pace, timeout)) { Next = now });
            }
            else
            {
                pending.Next = pending.Candidate.Files.SequenceEqual(candidate.Files) ? pending.Next : now;
                pending.Candidate = candidate;
            }
        }

        foreach (var key in left)
        {
            _pending.Remove(key);
        }
    }

    private void Step(Pending pending, TimeSpan now, OpenWriters writers)
    {
        var entries = pending.Candidate.Entries;
        var result = pending.Stability.Look(now, pending.Candidate, writers.FirstOf);
        pending.Next = result.Next;
        try
        {
            if (result.Warning is { } warning)
            {
                arrivals.Waiting(Path.Combine(reader.Root, entries[0]), warning);
            }
            else if (result.IsComplete)
            {
                arrivals.Complete(pending.Candidate.ToSourceGroup(reader.Root));
                given.Add(pending.Candidate);
                _pending.Remove(entries[0]);
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // A full disk under the queue, say: the guest stays where it is and is offered again.
            log.Error(failure, "{Entry} could not be handed to the queue; it is tried again in {Seconds} s", entries[0], pace.Slow.TotalSeconds);
            pending.Next = pace.After(now, pace.Slow);
        }
    }

    private sealed class Pending(Candidate candidate, Stability stability)
    {
        public Candidate Candidate { get; set; } = candidate;

        public Stability Stability { get; } = stability;

        public TimeSpan Next { get; set; }
    }
}
