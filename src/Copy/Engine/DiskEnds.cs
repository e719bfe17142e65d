using Hyper2Kvm.Copy.Journal;
using Hyper2Kvm.Copy.Qcow2;

namespace Hyper2Kvm.Copy;

/// <summary>Both ends of a disk, open, and the journal between them: begun anew, or that of an earlier run that goes on.</summary>
internal sealed class DiskEnds : IDisposable
{
    private DiskEnds(ISourceDisk source, ITargetDisk target, CopyJournal? journal) => (Source, Target, Journal) = (source, target, journal);

    internal ISourceDisk Source { get; }

    internal ITargetDisk Target { get; }

    internal CopyJournal? Journal { get; }

    /// <summary>Opens them. What an earlier run did is trusted only if it was the same copy, to the target that still stands there.</summary>
    /// <exception cref="CopyException">One cannot be opened.</exception>
    internal static DiskEnds Open(CopyTask task, CopySettings settings, BufferPool pool, ICopyObserver observer)
    {
        var source = EndpointFactory.OpenSource(task, settings, pool);
        CopyJournal? journal = null;
        ITargetDisk? target = null;
        try
        {
            journal = task.Journal is null ? null : CopyJournal.Open(task.Journal);
            var header = new JournalHeader
            {
                Version = JournalHeader.CurrentVersion,
                Source = $"{source.Identity} {task.SourceVersion}",
                Target = task.Target.Path is { } path ? EndpointIdentity.OfTarget(path) : string.Empty,
                Size = source.Size,
                Format = (settings.Qcow2 is { } qcow2 ? $"qcow2 {qcow2.ClusterBytes}{(qcow2.Compressed ? " compressed" : "")}" : "raw") + (settings.Allocated ? " allocated" : ""),
            };
            var goOn = journal is not null && settings.Resume && GoesOn(task, settings, journal, header, observer);

            // What is unknown at an old target is no fresh disk; and nothing in the journal may outlive what it tells of.
            if (journal is { Header: not null } && settings.Resume) settings = settings with { DestinationIsZero = settings.DestinationIsZero && task.Target.Nbd is null };
            if (!goOn) journal?.Forget();

            // A file was compared by its path and is not touched when it is whole; of a server only its connection tells which it is.
            var isWhole = goOn && journal!.IsComplete;
            if (!isWhole || task.Target.Nbd is not null) target = EndpointFactory.OpenTarget(task, settings, source.Size, goOn ? journal : null);
            if (goOn && task.Target.Nbd is not null && target!.Identity != journal!.Header!.Target)
            {
                Tell(task, observer, "the server of the target is another");
                journal.Forget();
                isWhole = false;
            }

            if (isWhole)
            {
                target?.Dispose();
                target = new DiscardTargetDisk(journal!.Header!.Target);
            }

            if (journal is { Header: null })
            {
                if (task.Target.Path is { } file) TargetMark.Renew(file);
                journal.Begin(header with { Target = target!.Identity });
            }

            return new DiskEnds(source, target!, journal);
        }
        catch (Exception e)
        {
            source.Dispose();
            target?.Dispose();
            journal?.Dispose();
            if (e is FileSystemErrorException failed) throw CopyException.From(failed, task.Name, CopySide.Target, null);
            throw;
        }
    }

    public void Dispose()
    {
        Source.Dispose();
        Target.Dispose();
        Journal?.Dispose();
    }

    private static bool GoesOn(CopyTask task, CopySettings settings, CopyJournal journal, JournalHeader now, ICopyObserver observer)
    {
        if (journal.Header is not { } then) return false; // There was no earlier run, or it had not begun.
        var difference = (then, task.Target.Path) switch
        {
            _ when then.Source != now.Source => "the source, or what was done to it, is another",
            _ when then.Size != now.Size => "the size of the source is another",
            _ when then.Format != now.Format => "the form of the target is another",
            (_, { } path) when then.Target != now.Target || !HasItsLength(path, settings, now.Size, journal) => "the target is another, or has another length,",
            _ => null,
        };
        if (difference is not null) Tell(task, observer, difference);
        return difference is null;
    }

    private static bool HasItsLength(string path, CopySettings settings, ulong size, CopyJournal journal) =>
        NativeMethods.FileType(path) == NativeMethods.TypeBlockDevice
        || (settings.Qcow2 is { } options ? Qcow2TargetDisk.CanGoOn(path, options, size, journal.Clusters) : (ulong)new FileInfo(path).Length == size);

    private static void Tell(CopyTask task, ICopyObserver observer, string difference) => observer.Warned(task, $"all of it is copied anew: {difference} than when the copy was begun");
}
