namespace Hyper2Kvm.Daemon.Outcome.Notifications;

/// <summary>How many notes go out a minute; those above are counted, and told in one sum when the minute is over. Used by one thread.</summary>
internal sealed class NoteLimit(TimeProvider clock)
{
    /// <summary>Most notes a minute.</summary>
    public const int PerMinute = 20;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly SortedDictionary<string, int> _held = new(StringComparer.Ordinal);
    private DateTimeOffset _minuteBegan = DateTimeOffset.MinValue;
    private int _sent;

    /// <summary>Time until the sum of what is held back may be told; <see langword="null"/> where nothing is.</summary>
    public TimeSpan? UntilSum
    {
        get
        {
            var left = _minuteBegan + Minute - clock.GetUtcNow();
            return _held.Count == 0 ? null : left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Whether a note may go out now; one that may not is counted.</summary>
    /// <param name="note">The note.</param>
    public bool Allows(Note note)
    {
        var now = clock.GetUtcNow();
        if (now - _minuteBegan >= Minute)
        {
            (_minuteBegan, _sent) = (now, 0);
        }

        if (_sent < PerMinute)
        {
            _sent++;
            return true;
        }

        _held[note.Event] = _held.GetValueOrDefault(note.Event) + 1;
        return false;
    }

    /// <summary>The sum of what was held back, once its minute is over; <see langword="null"/> before, and where nothing was.</summary>
    public Note? Sum() => UntilSum == TimeSpan.Zero ? SumNow() : null;

    /// <summary>The sum, whatever the time; <see langword="null"/> where nothing was held back.</summary>
    public Note? SumNow()
    {
        if (_held.Count == 0)
        {
            return null;
        }

        var sum = Notes.Summary(new Dictionary<string, int>(_held), clock.GetUtcNow());
        _held.Clear();
        return sum;
    }
}
