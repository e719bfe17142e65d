using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Keys;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Caching;
using Hyper2Kvm.Guest.Checking;
using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Mounting.Appliance;
using Hyper2Kvm.Guest.Partitions;
using Hyper2Kvm.Guest.Probing;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Luks;

namespace Hyper2Kvm.Guest;

/// <summary>The disks of one guest, opened: its volumes, the systems on them, and a way to mount one.</summary>
/// <remarks>
/// Nothing that the host sees: everything is mounted in a private mount namespace and gone when this process is, however it ends. Needs root, at least of
/// its own user namespace (<see cref="UserNamespace"/>).
/// </remarks>
public sealed class GuestMachine : IDisposable
{
    private readonly MountNamespace _namespace;
    private readonly IReadOnlyList<AttachedDisk> _attached;
    private readonly VolumeFiles _files;
    private readonly SystemSearch _search;
    private readonly GuestOptions _options;
    private readonly GuestCaches _caches;
    private readonly MountMeans _means;
    private readonly int _workers;
    private int _trees;

    private GuestMachine(MountNamespace mounts, IReadOnlyList<AttachedDisk> attached, GuestOptions options, HostRights rights, CancellationToken cancel)
    {
        _namespace = mounts;
        _attached = attached;
        _files = new VolumeFiles(mounts, attached);
        _options = options;
        (Disks, Volumes) = VolumeDiscovery.Discover(attached, cancel, options.Keys);
        Backend = ChosenBackend.Choose(options.Backend, rights, Volumes, attached.Any(disk => !disk.IsReadOnly));
        _means = new MountMeans(rights.MountsByKernel, Backend.Backend == GuestBackend.Appliance ? new ApplianceMachine(mounts, attached, _files, Volumes, rights.MountsByKernel, cancel) : null);

        // An appliance does one thing at a time.
        _workers = _means.Appliance is null ? options.Workers : 1;
        try
        {
            Volumes = _means.Appliance?.Complete() ?? Volumes;
        }
        catch
        {
            Release();
            throw;
        }

        _caches = new GuestCaches(options.Cache, options.Clock);
        Remember();
        _search = new SystemSearch(mounts, NewTree);
        UnmatchedKeys = [.. options.Keys.Where(key => !Volumes.Any(volume => LockedVolumes.IsMeant(key, volume, Volumes)))];
        Firmware = BootInspection.DetectFirmware(Disks);
        BootDisk = BootInspection.DetectBootDisk(Disks, Firmware);
    }

    /// <summary>Its disks.</summary>
    public IReadOnlyList<GuestDisk> Disks { get; }

    /// <summary>All volumes of all disks, in the order of disks and partition numbers, then arrays and logical volumes; unknown ones, swap and containers too.</summary>
    public IReadOnlyList<GuestVolume> Volumes { get; }

    /// <summary>The keys that were given and are of no encrypted volume: to be told as warnings.</summary>
    public IReadOnlyList<GuestKey> UnmatchedKeys { get; }

    /// <summary>What mounts its file systems, and why that.</summary>
    public ChosenBackend Backend { get; }

    /// <summary>How it boots, as its partitions say; never <see cref="Firmware.Unknown"/>.</summary>
    public Firmware Firmware { get; }

    /// <summary>Index of the disk that its firmware starts from.</summary>
    public int BootDisk { get; }

    /// <summary>Attaches the disks of a guest, side by side, and reads their partition tables and superblocks.</summary>
    /// <param name="disks">Its disks in the guest's order.</param>
    /// <param name="workDirectory">A directory of the host in which <c>guest</c> is made, and removed at the end.</param>
    /// <param name="options">How; left out: as usual.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StepException">
    /// A disk cannot be attached (<see cref="ErrorCodes.ConvertDisk"/>), we may not (<see cref="ErrorCodes.HostPermission"/>), a key file cannot be read (<see cref="ErrorCodes.ConvertKey"/>),
    /// or the appliance does not start (<see cref="ErrorCodes.HostAppliance"/>).
    /// </exception>
    public static GuestMachine Open(IReadOnlyList<GuestDiskSource> disks, string workDirectory, GuestOptions? options = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(disks);
        options ??= new GuestOptions();
        var rights = HostRights.Read();
        if (!rights.IsRoot)
        {
            throw new StepException(ErrorCodes.HostPermission, "not root, and in no user namespace: this host lets ordinary users make none, or this program made none", "Run as root, or under: unshare --user --map-root-user");
        }

        var mounts = MountNamespace.Create(Path.Combine(workDirectory, "guest"));
        var attached = new List<AttachedDisk>();
        try
        {
            attached.AddRange(DiskAttachment.AttachAll(mounts, disks, options, cancel));
            return new GuestMachine(mounts, attached, options, rights, cancel);
        }
        catch
        {
            attached.ForEach(disk => disk.Dispose());
            mounts.Dispose();
            throw;
        }
    }

    /// <summary>How often partition lists, probes and directory reads were at hand.</summary>
    public IReadOnlyList<CacheCount> CacheCounts => _caches.Counts;

    /// <summary>The partitions of a disk as they are now, or were when they were read within <see cref="CacheTimes.Partitions"/>.</summary>
    /// <param name="disk">Index of the disk, from 0.</param>
    /// <exception cref="StepException">The disk cannot be read (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public PartitionTable ListPartitions(int disk) => _caches.Partitions.Get(disk, index => PartitionTable.Read(_attached[index]));

    /// <summary>The bytes of a disk.</summary>
    /// <param name="disk">Index of the disk, from 0.</param>
    public IDiskReader ReadDisk(int disk) => _attached[disk];

    /// <summary>What a volume holds now, or held when it was read within <see cref="CacheTimes.Probes"/>; always read anew while something is mounted for writing.</summary>
    /// <param name="volume">One of <see cref="Volumes"/>.</param>
    /// <exception cref="StepException">The disk cannot be read (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public GuestVolume Probe(GuestVolume volume) => _caches.IsWritten ? ReadContent(volume) : _caches.Probes.Get(volume, ReadContent);

    /// <summary>Forgets what was read of partitions and volumes: for a caller that changes the disks itself.</summary>
    public void DropCaches() => _caches.Drop();

    /// <summary>Looks for operating systems: mounts every file system that may hold one, read-only, and lets go of it again.</summary>
    /// <returns>What was found, in the order of <see cref="Volumes"/>.</returns>
    public IReadOnlyList<GuestSystem> FindSystems() => _search.Find(Volumes, _workers);

    /// <summary>The one system that <c>--root</c> means.</summary>
    /// <param name="choice"><c>single</c>: there must be one; <c>first</c>: the first that was found; else the device of its root, <c>/dev/sda2</c>.</param>
    /// <exception cref="StepException">None (<see cref="ErrorCodes.ConvertNoSystem"/>) or several (<see cref="ErrorCodes.ConvertManyRoots"/>).</exception>
    public GuestSystem ChooseSystem(string choice = "single") => _search.Choose(FindSystems(), Volumes, choice);

    /// <summary>Volumes that could not be opened when systems were looked for, each with the reason: damaged, or of features that this host lacks.</summary>
    public IReadOnlyDictionary<GuestVolume, string> Unusable => _search.Failures;

    /// <summary>Swap volumes whose hibernated session was thrown away, because it was asked for.</summary>
    public IReadOnlyList<GuestVolume> Discarded { get; private set; } = [];

    /// <summary>Mounts a system with all that its fstab names: the root, then each depth of mount points side by side.</summary>
    /// <param name="system">One that was found here.</param>
    /// <param name="options">For writing or not.</param>
    /// <exception cref="StepException">A file system that the system needs cannot be mounted as asked (<see cref="ErrorCodes.ConvertMount"/>).</exception>
    public MountedGuest Mount(GuestSystem system, MountOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        RequireWritable(options);
        return GuestMounter.Mount(system, NewTree(options), Volumes, options, _workers);
    }

    /// <summary>Mounts a system with all that its fstab names.</summary>
    /// <param name="system">One that was found here.</param>
    /// <param name="writable">For writing.</param>
    /// <exception cref="StepException">A file system that the system needs cannot be mounted as asked (<see cref="ErrorCodes.ConvertMount"/>).</exception>
    public MountedGuest Mount(GuestSystem system, bool writable) => Mount(system, writable ? MountOptions.ForWriting : MountOptions.ReadOnly);

    /// <summary>Mounts volumes side by side, each under its own name (<c>/sda1</c>), whatever system they belong to. One that cannot be mounted is left out and named.</summary>
    /// <param name="volumes">Some of <see cref="Volumes"/>; what holds no file system is left out without a word.</param>
    /// <param name="options">For writing or not.</param>
    public MountedVolumes MountVolumes(IEnumerable<GuestVolume> volumes, MountOptions options)
    {
        ArgumentNullException.ThrowIfNull(volumes);
        RequireWritable(options);
        return MountedVolumes.Mount([.. volumes.Where(volume => FileSystemDriver.Knows(volume.Content))], NewTree(options), _workers);
    }

    /// <summary>Has file systems checked by their own tools, which write nothing. None of them may be mounted; one whose journal was not replayed looks damaged.</summary>
    /// <param name="volumes">Some of <see cref="Volumes"/>; ext2, ext3, ext4, xfs, btrfs and FAT are checked, others left out.</param>
    /// <param name="budget">Time for all of them together.</param>
    /// <param name="cancel">Gives up.</param>
    public IReadOnlyList<FileSystemReport> CheckFileSystems(IEnumerable<GuestVolume> volumes, TimeSpan budget, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(volumes);
        return new FileSystemChecker(_namespace, _files, _means).Check(volumes, budget, _options.Clock, cancel);
    }

    /// <summary>The files of a FAT volume, through mtools: for an EFI system partition where the host's kernel has no vfat. Not while the volume is mounted.</summary>
    /// <param name="volume">A volume of <see cref="Volumes"/> with content <c>vfat</c>.</param>
    public FatFiles OpenFat(GuestVolume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return new FatFiles(_namespace, _files, volume, _caches);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        foreach (var disk in _attached)
        {
            disk.Dispose();
        }

        _namespace.Dispose();
    }

    /// <summary>Lets go of all that stands on the disks.</summary>
    private void Release()
    {
        _means.Appliance?.Dispose();
        _files.Dispose();
        foreach (var opened in Volumes.SelectMany(volume => volume.Map?.Stores ?? []).OfType<LuksStore>().Distinct())
        {
            opened.Dispose();
        }
    }

    private GuestVolume ReadContent(GuestVolume volume)
    {
        // What lies on a dynamic disk is known by its table, not by its bytes.
        if (volume.Map is not { } map || volume.Content == LockedVolumes.DynamicDisk)
        {
            return volume;
        }

        var content = VolumeProbe.Identify(map, 0, volume.Length);
        return volume with { Content = content?.Type, Uuid = content?.Uuid, Label = content?.Label };
    }

    /// <summary>What was just read need not be read again.</summary>
    private void Remember()
    {
        foreach (var disk in Disks)
        {
            _ = _caches.Partitions.Get(disk.Index, _ => disk.Table);
        }

        foreach (var volume in Volumes)
        {
            _ = _caches.Probes.Get(volume, _ => volume);
        }
    }

    private void RequireWritable(MountOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Writable && Disks.FirstOrDefault(disk => disk.ReadOnly) is { } fixedDisk)
        {
            throw new StepException(ErrorCodes.ConvertMount, $"disk {fixedDisk.Index} was opened read-only and cannot be mounted for writing", disk: fixedDisk.Index);
        }

        if (options is { Writable: true, ForceHibernated: true })
        {
            Discarded = HibernatedSwap.Discard(Volumes);
        }
        else if (options.Writable)
        {
            HibernatedSwap.RequireNone(Volumes);
        }
    }

    /// <summary>A tree of its own, with nothing mounted.</summary>
    internal MountTree NewTree(MountOptions options)
        => new(_namespace, _files, Path.Combine(_namespace.Directory, $"root{Interlocked.Increment(ref _trees)}"), options, _caches, _means);
}
