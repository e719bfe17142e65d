using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Native;
using Hyper2Kvm.Nbd.Server;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>A volume that is not one piece of a disk, served by threads of this process to an nbdfuse, whose file a loop device can stand on.</summary>
/// <remarks>
/// Why not a FUSE file system of our own, which would save a hop: a process that is killed unmounts what its mount namespace alone holds before its open files
/// are closed, so it would wait for itself for ever (see <see cref="MountNamespace"/>). With nbdfuse in between the kernel kills that one first: it is tied to
/// the thread that started it, which never mounts anything; its death ends all that waits on its file.
/// For the same reason the threads that serve never wait for a mount: they have only the disks below them.
/// </remarks>
internal sealed class VolumeServer : IDisposable
{
    private readonly MountNamespace _namespace;
    private readonly NbdListener _listener;
    private readonly NbdMount _mount;

    private VolumeServer(MountNamespace mounts, NbdListener listener, NbdMount mount, VolumeFile file)
    {
        _namespace = mounts;
        _listener = listener;
        _mount = mount;
        File = file;
    }

    /// <summary>Its file.</summary>
    public VolumeFile File { get; }

    /// <summary>Begins to serve a volume.</summary>
    /// <param name="mounts">The namespace.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="map">Where its bytes are.</param>
    /// <param name="number">Tells it from others in the names of its files.</param>
    /// <exception cref="StepException">nbdfuse does not start (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public static VolumeServer Start(MountNamespace mounts, GuestVolume volume, VolumeMap map, int number)
    {
        var servers = mounts.Servers;
        var source = GuestDiskSource.Socket(Path.Combine(mounts.Directory, $"volume{number}.s"), map.IsReadOnly);
        MappedDisk served = map.IsReadOnly ? new MappedDisk(map) : new WritableMappedDisk(map);
        var listener = servers.Run(() => NbdListener.Start(source.Path, served));
        NbdMount? mount = null;
        try
        {
            mount = NbdMount.Start(servers, source, Path.Combine(mounts.Directory, $"volume{number}"), frugal: false);
            servers.Run(() => mount.WaitUntilReady(CancellationToken.None));
            var file = servers.Run(() => Open(mount.FilePath, map.IsReadOnly, volume));
            return new VolumeServer(servers, listener, mount, new VolumeFile(file, 0, map.Length, map.IsReadOnly));
        }
        catch (Exception failure)
        {
            mount?.Dispose();
            servers.Run(listener.Dispose);
            if (failure is AttachFailure) throw new StepException(ErrorCodes.ConvertDisk, $"{volume.Device} cannot be served: {failure.Message}", inner: failure, disk: volume.Disk);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.File.Dispose();
        _mount.Dispose();
        _namespace.Run(_listener.Dispose);
    }

    private static SafeFileHandle Open(string path, bool readOnly, GuestVolume volume)
    {
        var file = NativeMethods.OpenFile(path, readOnly);
        return !file.IsInvalid
            ? file
            : throw new StepException(ErrorCodes.ConvertDisk, $"{volume.Device} cannot be opened: {SystemError.Text(SystemError.Last)}", disk: volume.Disk);
    }
}
