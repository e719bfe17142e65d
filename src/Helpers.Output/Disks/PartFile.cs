using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Native;
using Hyper2Kvm.Helpers.Output.Undo;

namespace Hyper2Kvm.Helpers.Output.Disks;

/// <summary>
/// Files of the target while they are being made: hidden, under a name that is unique in the world, in the directory where they will be. A file
/// under its final name is therefore always whole.
/// </summary>
internal static class PartFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Temporary name of a file: <c>.NAME.TOKEN.part</c>.</summary>
    /// <param name="name">Its final name.</param>
    /// <param name="token">Unique word of the setup.</param>
    public static string Name(string name, string token) => $".{name}.{token}.part";

    /// <summary>Makes an empty file under its temporary name; listed for the undo before and after.</summary>
    /// <param name="journal">Where it is listed.</param>
    /// <param name="directory">Directory.</param>
    /// <param name="name">Its final name.</param>
    /// <param name="disk">Index of the disk that it holds.</param>
    /// <param name="mode">Permission bits; only the owner reads a guest's disk (libvirt gives it to QEMU's user when the guest starts).</param>
    /// <returns>Its path.</returns>
    /// <exception cref="StepException">It cannot be made: with the code of the reason.</exception>
    public static string Create(UndoJournal journal, string directory, string name, int? disk = null, UnixFileMode mode = OwnerOnly)
    {
        var path = Path.Combine(directory, Name(name, journal.Token));
        var record = new UndoRecord { Act = UndoAct.Create, Path = path, Target = Path.Combine(directory, name), Disk = disk };
        journal.Append(record);
        try
        {
            using var made = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode });
            File.SetUnixFileMode(made.SafeFileHandle, mode); // Whatever the umask is.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw TargetFailure.From(failure, path, ErrorCodes.OutputSetup);
        }

        var identity = FileIdentity.Of(path) ?? throw new StepException(ErrorCodes.OutputSetup, $"{path} vanished while it was made");
        journal.Append(record with { Act = UndoAct.Created, Device = identity.Device, Inode = identity.Inode, Born = identity.Born });
        return path;
    }

    /// <summary>Makes a small file with its content under its temporary name.</summary>
    /// <param name="journal">Where it is listed.</param>
    /// <param name="directory">Directory.</param>
    /// <param name="name">Its final name.</param>
    /// <param name="content">Its content.</param>
    /// <param name="mode">Permission bits.</param>
    /// <exception cref="StepException">It cannot be written: with the code of the reason.</exception>
    public static void Write(UndoJournal journal, string directory, string name, string content, UnixFileMode mode)
    {
        var path = Create(journal, directory, name, disk: null, mode);
        try
        {
            File.WriteAllText(path, content);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw TargetFailure.From(failure, path, ErrorCodes.OutputFinal);
        }
    }

    /// <summary>Gives all files of a setup their final names, each synced before: whole or absent, also after a power cut.</summary>
    /// <param name="journal">Where they are listed.</param>
    /// <exception cref="StepException">A final name is taken (<see cref="ErrorCodes.OutputExists"/>), or a file is gone.</exception>
    public static void Publish(UndoJournal journal)
    {
        var parts = journal.Records.Where(record => record.Act == UndoAct.Created).ToList();
        foreach (var part in parts)
        {
            Sync(part.Path!);
            journal.Append(part with { Act = UndoAct.Rename, Path = part.Target, Target = null });
            Rename(part.Path!, part.Target!);
        }

        foreach (var directory in parts.Select(part => Path.GetDirectoryName(part.Target)!).Distinct(StringComparer.Ordinal))
        {
            if (NativeMethods.SyncDirectory(directory) is var error and not 0)
            {
                throw TargetFailure.FromErrno(error, directory, ErrorCodes.OutputFinal);
            }
        }
    }

    private static void Sync(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            file.Flush(flushToDisk: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw TargetFailure.From(failure, path, ErrorCodes.OutputFinal);
        }
    }

    private static void Rename(string from, string to)
    {
        var error = NativeMethods.RenameWithoutReplacing(from, to);
        if (error is NativeMethods.InvalidArgument or NativeMethods.NotImplemented)
        {
            // NFS and some FUSE file systems have no RENAME_NOREPLACE (renameat2(2)); a hard link does not replace either.
            error = NativeMethods.Link(from, to);
            if (error == 0)
            {
                File.Delete(from);
            }
        }

        if (error != 0)
        {
            throw TargetFailure.FromErrno(error, error == NativeMethods.NoSuchFile ? from : to, ErrorCodes.OutputFinal);
        }
    }
}
