namespace Hyper2Kvm.Daemon.Watching;

/// <summary>The inotify watches of the watch folder and of the guests' folders in it.</summary>
/// <param name="inotify">Where they are.</param>
/// <param name="folder">The watch folder.</param>
internal sealed class FolderWatches(Inotify inotify, string folder)
{
    private readonly Dictionary<int, string?> _entryOfWatch = []; // null: the watch folder itself

    /// <summary>Watches the watch folder.</summary>
    /// <exception cref="DirectoryNotFoundException">It is gone, or may not be read.</exception>
    /// <exception cref="IOException">There are too many watches.</exception>
    public void Start()
        => _entryOfWatch[inotify.Watch(folder) ?? throw new DirectoryNotFoundException($"{folder} is gone, or may not be read")] = null;

    /// <summary>Watches a guest's folder and those below it, as far as it is not done yet.</summary>
    /// <param name="entry">The folder.</param>
    /// <exception cref="IOException">There are too many watches.</exception>
    public void Follow(FolderEntry entry)
    {
        foreach (var directory in entry.Directories)
        {
            if (inotify.Watch(directory) is { } watch)
            {
                _entryOfWatch[watch] = entry.Name;
            }
        }
    }

    /// <summary>Tells what has happened.</summary>
    /// <param name="touched">Takes the name of an entry, and whether it is gone.</param>
    /// <returns>What the events alone do not tell.</returns>
    public WatchLoss Read(Action<string, bool> touched)
    {
        var loss = WatchLoss.None;
        foreach (var happened in inotify.Read())
        {
            if ((happened.What & Inotify.Overflow) != 0)
            {
                loss |= WatchLoss.Events;
            }
            else if (_entryOfWatch.TryGetValue(happened.Watch, out var entry))
            {
                loss |= Tell(happened, entry, touched);
            }
        }

        return loss;
    }

    private WatchLoss Tell(Inotify.Event happened, string? entry, Action<string, bool> touched)
    {
        if ((happened.What & Inotify.WatchOver) != 0)
        {
            _entryOfWatch.Remove(happened.Watch);
            return entry is null ? WatchLoss.Folder : WatchLoss.None;
        }

        if (entry is null && (happened.What & Inotify.SelfGone) != 0)
        {
            return WatchLoss.Folder;
        }

        var gone = entry is null && (happened.What & Inotify.EntryGone) != 0;
        if (gone)
        {
            Leave(happened.Name);
        }

        touched(entry ?? happened.Name, gone);
        return WatchLoss.None;
    }

    /// <summary>A folder that was moved away keeps its watches, and would be told of under its old name.</summary>
    private void Leave(string name)
    {
        foreach (var (watch, _) in _entryOfWatch.Where(pair => pair.Value == name).ToList())
        {
            _entryOfWatch.Remove(watch);
            inotify.Unwatch(watch);
        }
    }
}

/// <summary>What was lost.</summary>
[Flags]
internal enum WatchLoss
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Events: all has to be looked at.</summary>
    Events = 1,

    /// <summary>The watch folder.</summary>
    Folder = 2,
}
