using Hyper2Kvm.Copy.Journal;
using Hyper2Kvm.Copy.Qcow2;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>Opens the ends of a copy, and says in our words what went wrong.</summary>
internal static class EndpointFactory
{
    internal static ISourceDisk OpenSource(CopyTask task, CopySettings settings, BufferPool pool)
    {
        try
        {
            return task.Source is { Nbd: { } server }
                ? new NbdSourceDisk(server, settings, pool)
                : new FileSourceDisk(task.Source.Path!, settings, pool);
        }
        catch (Exception e) when (e is NbdException or FileSystemErrorException)
        {
            var hint = e is FileSystemErrorException ? "Check the path, and that this user may read it." : "Is the input server running? Look into its log.";
            throw new CopyException(CopyErrorKind.SourceOpen, task.Name, CopySide.Source, null, e.Message, hint, e);
        }
    }

    internal static ITargetDisk OpenTarget(CopyTask task, CopySettings settings, ulong size, CopyJournal? goOn)
    {
        try
        {
            if (task.Target == CopyEndpoint.Nothing) return new DiscardTargetDisk(string.Empty);
            if (task.Target is not { Nbd: { } server })
            {
                return settings.Qcow2 is null
                    ? new FileTargetDisk(task.Target.Path!, settings, size, keep: goOn is not null)
                    : new Qcow2TargetDisk(task.Target.Path!, settings, size, goOn?.Clusters);
            }

            var target = new NbdTargetDisk(server, settings, size);
            if (!target.ReadOnly && target.Size >= size) return target;

            // A connection left open would keep the server from ending.
            target.Dispose();
            throw target.ReadOnly
                ? Refused(task, "it is read-only", "Start the output server so that it can be written.")
                : new TargetTooSmallException(target.Size, size);
        }
        catch (TargetTooSmallException e)
        {
            throw new CopyException(
                CopyErrorKind.TargetTooSmall, task.Name, CopySide.Target, null, e.Message, "Make the target at least as large as the source.", e);
        }
        catch (FileSystemErrorException e) when (e.IsNoSpace)
        {
            throw CopyException.From(e, task.Name, CopySide.Target, null); // It was to be allocated at once.
        }
        catch (Exception e) when (e is NbdException or FileSystemErrorException)
        {
            var hint = e is FileSystemErrorException ? "Does its directory exist, and may this user write there?" : "Is the output server running, and does it allow writing?";
            throw Refused(task, e.Message, hint, e);
        }
    }

    private static CopyException Refused(CopyTask task, string message, string hint, Exception? inner = null) =>
        new(CopyErrorKind.TargetOpen, task.Name, CopySide.Target, null, message, hint, inner);
}
