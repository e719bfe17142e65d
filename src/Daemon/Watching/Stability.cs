using Hyper2Kvm.Daemon.Watching.Grouping;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>Whether the files of one guest have stopped growing. Knows nothing of files or clocks: it is told what was seen, and when.</summary>
/// <param name="pace">How often it is looked at.</param>
/// <param name="timeout"><c>file_stable_timeout</c>.</param>
internal sealed class Stability(Pace pace, TimeSpan timeout)
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private List<(string, FileState)> _files = [];
    private int _equalLooks;
    private TimeSpan _counted;
    private TimeSpan _changed;

    /// <summary>Takes in one look.</summary>
    /// <param name="now">When, from any start.</param>
    /// <param name="candidate">The guest as it is.</param>
    /// <param name="heldOpen">Tells which of its files somebody writes to; asked only before it would be taken.</param>
    public LookResult Look(TimeSpan now, Candidate candidate, Func<Candidate, string?> heldOpen)
    {
        var files = candidate.Files.Concat(candidate.Neighbours).Select(file => (file.Path, file.State)).ToList();
        if (_equalLooks == 0 || !files.SequenceEqual(_files))
        {
            (_files, _equalLooks, _counted, _changed) = (files, 1, now, now);
            return new LookResult(pace.After(now));
        }

        if (now - _counted >= pace.Look)
        {
            _counted = now;
            _equalLooks++;
        }

        var resting = now - _changed;
        var reason = candidate.Problem;
        if (reason is null && (_equalLooks < pace.EqualLooks || (candidate.NeedsQuiet && resting < timeout)))
        {
            return new LookResult(pace.After(now));
        }

        reason ??= heldOpen(candidate) is { } open ? $"{open} is still open for writing, and has not grown for {timeout.TotalSeconds:0} s: it is taken when its writer closes it" : null;
        return reason is null ? new LookResult(now, IsComplete: true)
            : resting < timeout ? new LookResult(pace.After(now))
            : new LookResult(pace.After(now, resting < timeout + pace.SlowestAfter ? pace.Slow : pace.Slowest), Warning: _told.Add(reason) ? reason : null);
    }
}

/// <summary>What one look has told.</summary>
/// <param name="Next">When to look again.</param>
/// <param name="IsComplete">Whether all files are there and rest.</param>
/// <param name="Warning">What it waits for; each cause once.</param>
internal readonly record struct LookResult(TimeSpan Next, bool IsComplete = false, string? Warning = null);
