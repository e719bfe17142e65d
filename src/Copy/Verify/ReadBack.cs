using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Servers;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy.Verify;

/// <summary>
/// Reads targets back and compares them with what was read from their sources. Files are read from the disk and not from
/// the page cache; what a server has in its own cache is the server's. A qcow2 image is read by QEMU, not by who wrote it.
/// </summary>
internal sealed class ReadBack : IDisposable
{
    private readonly List<NbdServer> _servers = [];
    private readonly DirectoryInfo _sockets = Directory.CreateTempSubdirectory("hyper2kvm-verify-");

    /// <summary>Reads a target, and returns its digest.</summary>
    internal delegate IReadOnlyList<DiskDigest> Reader(IReadOnlyList<CopyTask> tasks, CopySettings settings, ICopyObserver observer);

    /// <summary>Compares all targets of a run.</summary>
    /// <param name="finished">The disks, with their sizes in bytes and the digests of what was read.</param>
    /// <param name="settings">How they were copied.</param>
    /// <param name="observer">Is told.</param>
    /// <param name="read">Reads them.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CopyException">One is different, or cannot be read back (<see cref="CopyErrorKind.Verify"/>).</exception>
    internal static void Compare(IReadOnlyList<(CopyTask Task, ulong Size, DiskDigest Digest)> finished, CopySettings settings, ICopyObserver observer, Reader read, CancellationToken cancellation)
    {
        using var back = new ReadBack();
        var disks = finished.Select(disk => disk.Task).ToList(); // What reads them is called by its index: two disks may have one name.
        try
        {
            var tasks = finished.Select((disk, index) => back.Reading(disk.Task, $"{index}", disk.Size, settings, cancellation)).ToList();
            var reading = settings with { Qcow2 = null, Allocated = false, Resume = false, SourceMayRestart = true };
            var digests = read(tasks, reading, new Observer(disks, observer));
            foreach (var (disk, digest) in finished.Zip(digests)) Compare(disk.Task, disk.Digest, digest, observer);
        }
        catch (CopyException failed) when (failed.Kind != CopyErrorKind.Verify)
        {
            throw Unreadable(disks[int.Parse(failed.Disk)], failed.Offset, (failed.InnerException ?? failed).Message, failed);
        }
    }

    public void Dispose()
    {
        foreach (var server in _servers) server.Dispose();
        _sockets.Delete(recursive: true);
    }

    private static void Compare(CopyTask task, DiskDigest source, DiskDigest target, ICopyObserver observer)
    {
        if (source.FirstDifference(target) is not var (offset, length))
        {
            observer.Verified(task, source.Text());
            return;
        }

        throw new CopyException(
            CopyErrorKind.Verify, task.Name, CopySide.Target, offset, $"{task.Target}: the {length} bytes from here do not read back as they were written", "Do not use this storage until its hardware was checked.");
    }

    private static CopyException Unreadable(CopyTask task, ulong? offset, string message, Exception inner) =>
        new(CopyErrorKind.Verify, task.Name, CopySide.Target, offset, $"{task.Target} cannot be read back: {message}", "Look at the health of the target's storage.", inner);

    private CopyTask Reading(CopyTask task, string name, ulong size, CopySettings settings, CancellationToken cancellation)
    {
        var from = task.Target;
        if (from.Path is { } path)
        {
            NativeMethods.DropFromCache(path);
            if (settings.Qcow2 is not null) from = Serve(task, path, cancellation);
        }

        return new CopyTask(name, from, CopyEndpoint.Nothing) { Length = size };
    }

    private CopyEndpoint Serve(CopyTask task, string path, CancellationToken cancellation)
    {
        var socket = Path.Combine(_sockets.FullName, $"{_servers.Count}");
        try
        {
            _servers.Add(NbdServer.Start(QemuNbdCommand.Create(socket, path, "qcow2", readOnly: true), socket, path, ErrorCodes.CopyVerify));
            _servers[^1].WaitUntilReady(cancellation);
        }
        catch (StepException e)
        {
            throw Unreadable(task, null, e.Message, e);
        }

        return CopyEndpoint.Server(NbdEndpoint.Unix(socket));
    }

    /// <summary>What the reading says, said of the disk that was copied.</summary>
    private sealed class Observer(IReadOnlyList<CopyTask> disks, ICopyObserver observer) : ICopyObserver
    {
        public void Started(CopyTask task, ulong size) => observer.ReadBack(Disk(task), 0, size);

        public void Progress(CopyTask task, ulong done, ulong total) => observer.ReadBack(Disk(task), done, total);

        public void Warned(CopyTask task, string message) => observer.Warned(Disk(task), message);

        public void ReadBack(CopyTask task, ulong done, ulong total)
        {
            // Nothing is read back twice.
        }

        public void Finished(CopyTask task, CopyResult result) => observer.ReadBack(Disk(task), result.Size, result.Size);

        public void Verified(CopyTask task, string digest)
        {
            // It is compared here.
        }

        private CopyTask Disk(CopyTask reading) => disks[int.Parse(reading.Name)];
    }
}
