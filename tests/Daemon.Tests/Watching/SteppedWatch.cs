using Hyper2Kvm.Daemon.Watching;

namespace Hyper2Kvm.Daemon.Tests.Watching;

/// <summary>A real watch folder under a clock that the test moves: the looks that would have come are made.</summary>
internal sealed class SteppedWatch : IDisposable
{
    private readonly PendingGuests _guests;
    private TimeSpan _now;

    public SteppedWatch() => _guests = new PendingGuests(new EntryReader(Folder.Root), Arrivals, new GivenGuests(), Log.Logger, new Pace(), TimeSpan.FromSeconds(30));

    public WatchFolder Folder { get; } = new();

    public RecordingArrivals Arrivals { get; } = new();

    public RecordedLog Log { get; } = new();

    /// <summary>Looks that were made.</summary>
    public int Looks { get; private set; }

    public IEnumerable<string> Completed => Arrivals.Completed.Select(source => source.Name);

    /// <summary>Whether it looks again if nothing happens.</summary>
    public bool IsIdle => _guests.NextLook is null;

    /// <summary>As if inotify had told of them.</summary>
    public SteppedWatch Touch(params string[] names)
    {
        foreach (var name in names)
        {
            _guests.Touch(name, _now);
        }

        return this;
    }

    /// <summary>As if inotify had told that it went.</summary>
    public void Gone(string name) => _guests.Touch(name, _now, gone: true);

    public SteppedWatch TouchAll()
    {
        _guests.TouchAll(_now);
        return this;
    }

    public void Advance(double seconds)
    {
        var end = _now + TimeSpan.FromSeconds(seconds);
        while (_guests.NextLook is { } next && next <= end)
        {
            _now = next;
            Looks++;
            _guests.Look(_now, new OpenWriters(Folder.Root, leases: true));
        }

        _now = end;
    }

    public void Dispose()
    {
        Folder.Dispose();
        Arrivals.Dispose();
        Log.Dispose();
    }
}
