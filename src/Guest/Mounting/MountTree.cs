using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Native;
using Hyper2Kvm.Guest.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>File systems mounted over one another below one directory of the namespace, with the loop devices under them.</summary>
internal sealed class MountTree : IDisposable
{
    private const ulong Flags = NativeMethods.MountNoSuid | NativeMethods.MountNoDevices | NativeMethods.MountNoExecute;

    /// <summary>Ample for a fork(2) and exec(2) on a loaded host.</summary>
    private static readonly TimeSpan LongestBusy = TimeSpan.FromSeconds(2);

    private readonly MountNamespace _namespace;
    private readonly VolumeFiles _volumes;
    private readonly bool _writable;
    private readonly Dictionary<GuestVolume, LoopDevice> _devices = [];
    private readonly Stack<Mounted> _mounted = [];
    private bool _closed;

    /// <summary>Makes a tree with nothing mounted.</summary>
    /// <param name="mounts">The namespace.</param>
    /// <param name="volumes">Gives volumes as files.</param>
    /// <param name="root">Directory of the namespace that the root is mounted on; made here.</param>
    /// <param name="writable">Mount for writing.</param>
    public MountTree(MountNamespace mounts, VolumeFiles volumes, string root, bool writable)
    {
        _namespace = mounts;
        _volumes = volumes;
        _writable = writable;
        Root = root;
        mounts.Run(() => Directory.CreateDirectory(root));
    }

    /// <summary>Directory of the namespace that is the guest's root.</summary>
    public string Root { get; }

    /// <summary>Mounts one file system.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="mountPoint">Where in the guest, absolute; parents have to be mounted already.</param>
    /// <param name="subvolume">btrfs option that chooses the subvolume.</param>
    /// <exception cref="MountFailure">It cannot be mounted.</exception>
    public GuestMount Mount(GuestVolume volume, string mountPoint, string? subvolume)
        => FileSystemDriver.Knows(volume.Content)
            ? _namespace.Run(() => MountInside(volume, volume.Content!, mountPoint, subvolume))
            : throw new MountFailure(volume.Content is null ? volume.Problem ?? "holds no file system that is known" : volume.Lock != VolumeLock.None ? $"{volume.Content}, {volume.Problem}" : $"{volume.Content} cannot be opened", 0);

    /// <summary>The files as mounted so far.</summary>
    public ConfinedFiles OpenFiles() => _namespace.Run(() => ConfinedFiles.Open(Root));

    /// <summary>Gives the blocks that the guest's files do not use back to the disks (FITRIM).</summary>
    /// <returns>Bytes that were trimmed; 0 where nothing below can be.</returns>
    public long Trim() => _mounted.Sum(mounted => mounted.Trim());

    /// <summary>Syncs all, unmounts in order, and makes sure that no write was lost on its way to the disks.</summary>
    /// <exception cref="StepException">Something was lost or is still in use (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        var problems = new List<string>();
        _namespace.Run(() => UnmountAll(problems));
        foreach (var (volume, device) in _devices)
        {
            // The loop device is still held: it knows of every block that the kernel could not write after the last sync.
            Note(problems, volume.Device, "what was written is lost", _writable ? device.Flush() : 0);
            device.Dispose();
        }

        if (_writable)
        {
            _volumes.Flush(_devices.Keys);
        }

        if (problems.Count > 0)
        {
            throw new StepException(ErrorCodes.ConvertDisk, $"the guest's file systems could not be closed: {string.Join("; ", problems)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private static void Note(List<string> problems, string device, string what, int errno)
    {
        if (errno != 0)
        {
            problems.Add($"{device}: {what}: {SystemError.Text(errno)}");
        }
    }

    private GuestMount MountInside(GuestVolume volume, string content, string mountPoint, string? subvolume)
    {
        var device = DeviceOf(volume);
        var deviceReadOnly = volume.Map!.IsReadOnly;
        var options = FileSystemDriver.Options(content, subvolume, deviceReadOnly);
        var flags = Flags | (_writable ? 0 : NativeMethods.MountReadOnly);
        using (var target = OpenMountPoint(mountPoint))
        {
            if (NativeMethods.Mount(device.Path, $"/proc/self/fd/{target.DangerousGetHandle()}", content, flags, options) != 0)
            {
                var errno = SystemError.Last;
                throw new MountFailure(FileSystemDriver.Explain(content, errno), errno);
            }
        }

        // Opened anew: what was opened before lies under the mount.
        using var mounted = OpenMountPoint(mountPoint);
        _mounted.Push(Mounted.Open(volume, File.ResolveLinkTarget($"/proc/self/fd/{mounted.DangerousGetHandle()}", returnFinalTarget: false)!.FullName));
        return new GuestMount(volume, mountPoint, subvolume, content, options, _writable);
    }

    /// <summary>Opens a mount point, resolved inside the guest: a link there never leads to the host.</summary>
    private SafeFileHandle OpenMountPoint(string mountPoint)
    {
        using var tree = ConfinedTree.Open(Root);
        return tree.TryOpenDirectory(mountPoint, list: false, out var errno)
            ?? throw new MountFailure($"there is no directory {mountPoint}: {SystemError.Text(errno)}", errno);
    }

    /// <summary>Unmounts, and waits while it is busy: a child that another thread starts holds all our files from fork(2) to exec(2), which takes milliseconds.</summary>
    /// <returns>0, or the errno.</returns>
    private static int Unmount(string path)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (NativeMethods.Unmount(path, NativeMethods.UnmountNoFollow) != 0)
        {
            var errno = SystemError.Last;
            if (errno != Errno.Busy || TimeProvider.System.GetElapsedTime(start) > LongestBusy)
            {
                return errno;
            }

            Thread.Yield();
        }

        return 0;
    }

    private LoopDevice DeviceOf(GuestVolume volume)
    {
        if (!_devices.TryGetValue(volume, out var device))
        {
            var file = _volumes.Open(volume);
            device = LoopDevice.Create(file.File, file.Offset, file.Length, file.IsReadOnly, volume.Device);
            _devices.Add(volume, device);
        }

        return device;
    }

    private void UnmountAll(List<string> problems)
    {
        while (_mounted.TryPop(out var mounted))
        {
            var device = mounted.Volume.Device;
            Note(problems, device, "what was written is lost", _writable ? mounted.Sync() : 0);
            mounted.Dispose();
            if (Unmount(mounted.HostPath) is var errno and not 0)
            {
                Note(problems, device, "cannot be unmounted", errno);
                _ = NativeMethods.Unmount(mounted.HostPath, NativeMethods.UnmountDetach | NativeMethods.UnmountNoFollow);
            }
        }
    }
}
