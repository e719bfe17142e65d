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

            // With a copy before this one, whether it goes on or not, the target is no fresh disk any more.
            if (journal is { Header: not null }) settings = settings with { DestinationIsZero = false };
            target = journal is null ? null : GoOn(task, settings, journal, header, observer);
            if (target is null)
            {
                journal?.Forget(); // Nothing in it may outlive what it tells of.
                target = EndpointFactory.OpenTarget(task, settings, source.Size, null);
                if (task is { Journal: not null, Target.Path: { } file }) TargetMark.Renew(file);
                journal?.Begin(header with { Target = target.Identity });
            }

            return new DiskEnds(source, target, journal);
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

    /// <summary>The target of the earlier run, or null: then the disk is copied anew.</summary>
    private static ITargetDisk? GoOn(CopyTask task, CopySettings settings, CopyJournal journal, JournalHeader now, ICopyObserver observer)
    {
        if (!settings.Resume || journal.Header is not { } then) return null; // There was no earlier run, or it had not begun.
        if (Difference(task, settings, journal, then, now) is { } difference) return CopyAnew(task, observer, difference);

        // A file is known by its path, and is not touched when it is whole. Which server it is only a connection tells.
        if (journal.IsComplete && task.Target.Path is not null) return new DiscardTargetDisk(then.Target);
        ITargetDisk target;
        try
        {
            target = EndpointFactory.OpenTarget(task, settings, now.Size, journal);
        }
        catch (InvalidDataException damaged)
        {
            return CopyAnew(task, observer, damaged.Message);
        }

        if (target.Identity == then.Target && !journal.IsComplete) return target;
        target.Dispose();
        return target.Identity == then.Target ? new DiscardTargetDisk(then.Target) : CopyAnew(task, observer, "the server of the target is another than when the copy was begun");
    }

    private static string? Difference(CopyTask task, CopySettings settings, CopyJournal journal, JournalHeader then, JournalHeader now)
    {
        var what = task.Target.Path switch
        {
            _ when then.Source != now.Source => "the source, or what was done to it, is another",
            _ when then.Size != now.Size => "the size of the source is another",
            _ when then.Format != now.Format => "the form of the target is another",
            { } path when then.Target != now.Target || !HasItsLength(path, settings, now.Size, journal) => "the target is another, or has another length,",
            _ => null,
        };
        return what is null ? null : $"{what} than when the copy was begun";
    }

    private static bool HasItsLength(string path, CopySettings settings, ulong size, CopyJournal journal) =>
        NativeMethods.FileType(path) == NativeMethods.TypeBlockDevice
        || (settings.Qcow2 is { } options ? Qcow2TargetDisk.CanGoOn(path, options, size, journal.Clusters) : (ulong)new FileInfo(path).Length == size);

    private static ITargetDisk? CopyAnew(CopyTask task, ICopyObserver observer, string because)
    {
        observer.Warned(task, $"all of it is copied anew: {because}");
        return null;
    }
}
