using Hyper2Kvm.Copy.Journal;

namespace Hyper2Kvm.Copy;

/// <summary>
/// Collects what is finished of a disk, and from time to time flushes the target and puts it into the journal. Any thread.
/// A journal that cannot be written ends no copy: what is in it stays true.
/// </summary>
internal sealed class DiskNotes(CopyJournal journal, ITargetDisk target, CopySettings settings, Action<string> warn)
{
    /// <summary>Bytes that are copied at most before the next note, however fast that goes.</summary>
    private const ulong MostUnnoted = 4UL << 30;

    private readonly Lock _lock = new();
    private ByteRanges _finished = new();
    private long _lastNote = settings.TimeProvider.GetTimestamp();
    private bool _noting;
    private bool _failed;

    /// <summary>Extents are finished. Now and then this waits for a flush of the target, over the caller's lane.</summary>
    internal void Add(IEnumerable<SourceExtent> extents, Lane lane)
    {
        ByteRanges finished;
        lock (_lock)
        {
            foreach (var extent in extents) _finished.Add(extent.Offset, extent.Length);
            if (_noting || _failed || _finished.Total == 0) return;
            if (settings.TimeProvider.GetElapsedTime(_lastNote) < settings.NoteEvery && _finished.Total < MostUnnoted) return;
            _noting = true;
            (finished, _finished) = (_finished, new ByteRanges());
        }

        try
        {
            lane.Flush();
            Write(() => journal.Note(finished, target.PlacesOf(finished)));
        }
        finally
        {
            lock (_lock)
            {
                _noting = false;
                _lastNote = settings.TimeProvider.GetTimestamp();
            }
        }
    }

    /// <summary>The target is whole and flushed.</summary>
    internal void Complete()
    {
        if (!_failed) Write(journal.Complete);
    }

    private void Write(Action write)
    {
        try
        {
            write();
        }
        catch (FileSystemErrorException e)
        {
            _failed = true;
            warn($"should the copy be killed, it cannot go on from here: {e.Message}");
        }
    }
}
