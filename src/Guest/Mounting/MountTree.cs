using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Caching;
using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Mounting.Fuse;
using Hyper2Kvm.Guest.Native;
using Hyper2Kvm.Guest.Probing;
using Hyper2Kvm.Guest.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>File systems mounted over one another below one directory of the namespace, with the loop devices under them. Any thread may mount.</summary>
internal sealed partial class MountTree : IDisposable
{
    private const ulong Flags = NativeMethods.MountNoSuid | NativeMethods.MountNoDevices | NativeMethods.MountNoExecute;

    /// <summary>Ample for a fork(2) and exec(2) on a loaded host.</summary>
    private static readonly TimeSpan LongestBusy = TimeSpan.FromSeconds(2);

    private readonly MountNamespace _namespace;
    private readonly VolumeFiles _volumes;
    private readonly MountOptions _options;
    private readonly GuestCaches _caches;
    private readonly MountMeans _means;
    private readonly Lock _gate = new();
    private readonly Dictionary<(GuestVolume Volume, bool ReadOnly), LoopDevice> _devices = [];
    private readonly Stack<Mounted> _mounted = [];
    private int _places;
    private bool _closed;

    /// <summary>Makes a tree with nothing mounted.</summary>
    /// <param name="mounts">The namespace.</param>
    /// <param name="volumes">Gives volumes as files.</param>
    /// <param name="root">Directory of the namespace that the root is mounted on; made here.</param>
    /// <param name="options">For writing or not.</param>
    /// <param name="caches">Told of what is written.</param>
    /// <param name="means">What mounts them.</param>
    public MountTree(MountNamespace mounts, VolumeFiles volumes, string root, MountOptions options, GuestCaches caches, MountMeans means)
    {
        _means = means;
        _namespace = mounts;
        _volumes = volumes;
        _options = options;
        _caches = caches;
        Root = root;
        mounts.Run(() => Directory.CreateDirectory(root));
        if (options.Writable)
        {
            caches.BeginWriting();
        }
    }

    /// <summary>Directory of the namespace that is the guest's root.</summary>
    public string Root { get; }

    /// <summary>Mounts one file system, in the best way that works.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="mountPoint">Where in the guest, absolute; parents have to be mounted already.</param>
    /// <param name="subvolume">btrfs option that chooses the subvolume.</param>
    /// <exception cref="MountFailure">It cannot be mounted in any way.</exception>
    public GuestMount Mount(GuestVolume volume, string mountPoint, string? subvolume)
    {
        var content = volume.Content ?? throw new MountFailure(volume.Problem ?? "holds no file system that is known", 0);
        return !FileSystemDriver.Knows(content) ? throw new MountFailure(volume.Lock == VolumeLock.None ? $"{content} cannot be opened" : $"{content}, {volume.Problem}", 0)
            : _means.Appliance is { } appliance ? MountByAppliance(appliance, volume, content, mountPoint, subvolume)
            : content == "ntfs" ? MountNtfs(volume, mountPoint)
            : _means.ByKernel ? _namespace.Run(() => MountByKernel(volume, content, mountPoint, subvolume))
            : MountByFuse(volume, content, mountPoint);
    }

    /// <summary>Mounts several at once; what each does is up to its body, which calls <see cref="Mount"/>.</summary>
    /// <param name="bodies">What to run.</param>
    /// <param name="workers">Most at once.</param>
    public void RunAll(IReadOnlyList<Action> bodies, int workers) => _namespace.RunAll(bodies, workers);

    /// <summary>Makes a directory in the tree for a mount point, where nothing is mounted yet: it lies in the namespace's own memory.</summary>
    /// <param name="name">A plain name.</param>
    public void MakeMountPoint(string name) => _namespace.Run(() => Directory.CreateDirectory(Path.Combine(Root, name)));

    /// <summary>Whether a mount point is there and reached without a link.</summary>
    /// <param name="mountPoint">Absolute path in the guest.</param>
    public bool IsPlain(string mountPoint) => _namespace.Run(() =>
    {
        using var tree = ConfinedTree.Open(Root);
        using var found = tree.TryOpenDirectory(mountPoint, list: false, out _);
        return found is not null && HostPath(found) == Root + mountPoint;
    });

    /// <summary>The files of a FAT volume, where the host's kernel has no driver for it.</summary>
    /// <param name="volume">The volume.</param>
    public FatFiles OpenFat(GuestVolume volume) => new(_namespace, _volumes, volume, _caches);

    /// <summary>The files as mounted so far.</summary>
    public ConfinedFiles OpenFiles() => _namespace.Run(() => ConfinedFiles.Open(Root, _caches.ForTree()));

    /// <summary>Gives the blocks that the guest's files do not use back to the disks (FITRIM).</summary>
    /// <returns>Bytes that were trimmed; 0 where nothing below can be.</returns>
    public long Trim()
    {
        _trimsAtEnd = true;
        return _mounted.Sum(mounted => mounted.IsReadOnly ? 0 : mounted.Trim());
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private static string HostPath(SafeFileHandle open) => File.ResolveLinkTarget($"/proc/self/fd/{open.DangerousGetHandle()}", returnFinalTarget: false)!.FullName;

    private GuestMount MountByKernel(GuestVolume volume, string content, string mountPoint, string? subvolume)
    {
        if (content == "btrfs" && BtrfsSuperblock.Obstacle(volume.Map!) is { } obstacle)
        {
            throw new MountFailure(obstacle, Errno.NotSupported);
        }

        // Without a word of writing the kernel replays a journal even for a read-only mount, unless its device cannot be written.
        var isReadOnly = !_options.Writable || (volume.Map?.IsReadOnly ?? true);
        var attempts = new List<MountAttempt>();
        foreach (var way in MountLadder.Ways(content, isReadOnly))
        {
            var device = DeviceOf(volume, isReadOnly || way != MountWay.Normal);
            var options = FileSystemDriver.Options(content, subvolume, way);
            var flags = Flags | (_options.Writable && way == MountWay.Normal && !isReadOnly ? 0 : NativeMethods.MountReadOnly);
            var errno = content == "btrfs" ? MountBtrfs(device, mountPoint, flags, options) : MountAt(device, content, mountPoint, flags, options);
            attempts.Add(new MountAttempt(way, errno == 0 ? null : FileSystemDriver.Explain(content, errno)));
            if (errno == 0)
            {
                return Register(volume, mountPoint, null) with { Subvolume = subvolume, Options = options, Attempts = attempts, Warning = (_options.Writable ? volume.Map!.WriteRefusal : null) ?? StateOf(volume, content) };
            }

            if (!MountLadder.GoesOn(content, errno))
            {
                throw new MountFailure(MountLadder.Describe(attempts), errno);
            }
        }

        throw new MountFailure(MountLadder.Describe(attempts), Errno.Invalid);
    }

    /// <summary>One mount(2) on a mount point of the guest.</summary>
    /// <returns>0, or the errno.</returns>
    private int MountAt(LoopDevice device, string content, string mountPoint, ulong flags, string options)
    {
        using var target = OpenMountPoint(mountPoint);
        return NativeMethods.Mount(device.Path, $"/proc/self/fd/{target.DangerousGetHandle()}", content, flags, options) == 0 ? 0 : SystemError.Last;
    }

    /// <summary>Notes what was just mounted, so that it is unmounted at the end.</summary>
    private GuestMount Register(GuestVolume volume, string mountPoint, FuseServer? server)
    {
        // Opened anew: what was opened before lies under the mount.
        using var top = OpenMountPoint(mountPoint);
        var mounted = Mounted.Open(volume, HostPath(top), server);
        lock (_gate)
        {
            _mounted.Push(mounted);
        }

        return new GuestMount(volume, mountPoint, null, volume.Content!, string.Empty, _options.Writable && !mounted.IsReadOnly);
    }

    /// <summary>Attaches a mount that a FUSE server made.</summary>
    private void Attach(SafeFileHandle mount, string mountPoint)
    {
        using var target = OpenMountPoint(mountPoint);
        if (NativeMethods.AttachMount(mount, target) != 0)
        {
            throw new MountFailure($"it cannot be attached: {SystemError.Text(SystemError.Last)}", SystemError.Last);
        }
    }

    /// <summary>A name for a mount point of a server, unique in the namespace.</summary>
    private string NewPlace(string kind) => $"{Path.GetFileName(Root)}-{kind}{Interlocked.Increment(ref _places)}";

    private static string? StateOf(GuestVolume volume, string content)
        => content is "ext2" or "ext3" or "ext4" && volume.Map is { } map ? ExtState.Warning(map, 0, content) : null;

    /// <summary>Opens a mount point, resolved inside the guest: a link there never leads to the host.</summary>
    private SafeFileHandle OpenMountPoint(string mountPoint, bool list = false)
    {
        using var tree = ConfinedTree.Open(Root);
        return tree.TryOpenDirectory(mountPoint, list, out var errno)
            ?? throw new MountFailure($"there is no directory {mountPoint}: {SystemError.Text(errno)}", errno);
    }

    private LoopDevice DeviceOf(GuestVolume volume, bool readOnly)
    {
        lock (_gate)
        {
            if (!_devices.TryGetValue((volume, readOnly), out var device))
            {
                var file = _volumes.Open(volume);
                device = LoopDevice.Create(file.File, file.Offset, file.Length, readOnly || file.IsReadOnly, volume.Device);
                _devices.Add((volume, readOnly), device);
            }

            return device;
        }
    }
}
