using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Native;
using Serilog;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>The watch folder while it is the same directory: a folder that is mounted, or made anew, is watched in a new session.</summary>
internal sealed class WatchSession : IDisposable
{
    private readonly string _folder;
    private readonly PathStatus _identity;
    private readonly bool _isShared;
    private readonly PendingGuests _guests;
    private readonly ILogger _log;
    private readonly Pace _pace;
    private readonly TimeSpan _pollInterval;
    private Inotify? _inotify;
    private FolderWatches? _watches;
    private TimeSpan _nextPoll;

    private WatchSession(string folder, PathStatus identity, DaemonConfiguration configuration, IArrivals arrivals, GivenGuests given, ILogger log, Pace pace)
    {
        (_folder, _identity, _log, _pace, _pollInterval) = (folder, identity, log, pace, configuration.PollInterval);
        given.Folder(identity);
        _isShared = FileSystems.IsShared(folder);
        _guests = new PendingGuests(new EntryReader(folder, _isShared), arrivals, given, log, pace, configuration.FileStableTimeout) { FolderFound = Follow };
        if (configuration.Poll == "always" || (configuration.Poll == "auto" && _isShared))
        {
            log.Information("{Folder} is polled every {Seconds} s", folder, _pollInterval.TotalSeconds);
        }
        else
        {
            UseInotify();
        }
    }

    /// <summary>When something is to be looked at; <see langword="null"/>: when something happens.</summary>
    public TimeSpan? NextWake => _inotify is not null ? _guests.NextLook : _guests.NextLook is { } look && look < _nextPoll ? look : _nextPoll;

    /// <summary>Begins to watch.</summary>
    /// <param name="configuration">What.</param>
    /// <param name="arrivals">Who takes the guests.</param>
    /// <param name="given">What it took before.</param>
    /// <param name="log">Is told what is left alone.</param>
    /// <param name="pace">How often is looked.</param>
    /// <returns><see langword="null"/> where the folder is not there.</returns>
    public static WatchSession? Open(DaemonConfiguration configuration, IArrivals arrivals, GivenGuests given, ILogger log, Pace pace)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(configuration.WatchDir));
        return Status(folder) is { IsDirectory: true } identity ? new WatchSession(folder, identity, configuration, arrivals, given, log, pace) : null;
    }

    /// <summary>Whose events are worth waking up for; none where the folder is polled, nor where the next look is near: until then the kernel keeps them.</summary>
    /// <param name="now">The time.</param>
    public Inotify? WakingEvents(TimeSpan now) => _guests.NextLook - now <= _pace.Look ? null : _inotify;

    /// <summary>Has all looked at.</summary>
    /// <param name="now">The time.</param>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public void LookAtAll(TimeSpan now)
    {
        _nextPoll = now + _pollInterval;
        _guests.TouchAll(now);
    }

    /// <summary>Takes in what has happened.</summary>
    /// <param name="now">The time.</param>
    /// <param name="mountsChanged">Whether another file system may be in its place.</param>
    /// <returns>Whether the folder is still there.</returns>
    public bool Collect(TimeSpan now, bool mountsChanged)
    {
        var loss = _watches?.Read((name, gone) => _guests.Touch(name, now, gone)) ?? WatchLoss.None;
        var pollDue = _inotify is null && now >= _nextPoll;
        if (loss.HasFlag(WatchLoss.Folder) || ((mountsChanged || pollDue) && !IsSame()))
        {
            return false;
        }

        if (loss.HasFlag(WatchLoss.Events))
        {
            _log.Warning("events of {Folder} were lost, because too much happened at once; all is looked at", _folder);
        }

        if (pollDue || loss.HasFlag(WatchLoss.Events))
        {
            LookAtAll(now);
        }

        return true;
    }

    /// <summary>Looks at what is due.</summary>
    /// <param name="now">The time.</param>
    public void Look(TimeSpan now)
    {
        if (_guests.NextLook <= now)
        {
            _guests.Look(_pace.Last(now), new OpenWriters(_folder, leases: !_isShared));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _inotify?.Dispose();

    private bool IsSame() => Status(_folder) is { } status && status.Inode == _identity.Inode && status.Device == _identity.Device;

    /// <summary>The watch folder may itself be a link; what is in it may not.</summary>
    private static PathStatus? Status(string folder) => NativeMethods.Status(folder + "/.");

    private void UseInotify()
    {
        try
        {
            _inotify = new Inotify();
            _watches = new FolderWatches(_inotify, _folder);
            _watches.Start();
        }
        catch (IOException refused) when (refused is not DirectoryNotFoundException)
        {
            Poll(refused);
        }
    }

    private void Follow(FolderEntry entry)
    {
        try
        {
            _watches?.Follow(entry);
        }
        catch (IOException refused)
        {
            Poll(refused);
        }
    }

    /// <summary>What inotify cannot do is done slower, and told.</summary>
    private void Poll(IOException refused)
    {
        _log.Warning("{Folder} is polled every {Seconds} s: {Reason}", _folder, _pollInterval.TotalSeconds, refused.Message);
        _inotify?.Dispose();
        (_inotify, _watches) = (null, null);
    }
}
