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
            throw new CopyException(CopyErrorKind.SourceOpen, task.Name, CopySide.Source, null, e.Message, HintOfSource(e), e);
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
                ? Refused(task, $"{server}: it is read-only", "Start the output server so that it can be written.")
                : new TargetTooSmallException($"{server}", target.Size, size);
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
            throw Refused(task, e.Message, HintOfTarget(e), e);
        }
    }

    private static string HintOfSource(Exception error) => error is FileSystemErrorException
        ? "Is the path right, and may this user read it?"
        : CopyException.HintOfServer(error) ?? "Is the input server running? Look into its log.";

    private static string HintOfTarget(Exception error) => error switch
    {
        FileSystemErrorException { Errno: NativeMethods.Ebusy } => "The device is mounted, or part of something (LVM, RAID, a loop): choose another, or free it.",
        FileSystemErrorException { Errno: NativeMethods.Efbig } => "Choose a file system, and for qcow2 a cluster size, that takes a disk of this size.",
        FileSystemErrorException { Errno: NativeMethods.Eopnotsupp } => "Choose a target that can do this, such as a file on ext4 or xfs.",
        FileSystemErrorException => "Does the directory exist, may this user write there, and is nothing of it read-only?",
        _ => CopyException.HintOfServer(error) ?? "Is the output server running? Look into its log.",
    };

    private static CopyException Refused(CopyTask task, string message, string hint, Exception? inner = null) =>
        new(CopyErrorKind.TargetOpen, task.Name, CopySide.Target, null, message, hint, inner);
}
