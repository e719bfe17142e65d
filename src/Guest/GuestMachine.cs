using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Keys;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Luks;

namespace Hyper2Kvm.Guest;

/// <summary>The disks of one guest, opened: its volumes, the systems on them, and a way to mount one.</summary>
/// <remarks>
/// The direct backend: no appliance, and nothing that the host sees. Everything is mounted in a private mount namespace and
/// gone when this process is, however it ends. Needs root.
/// </remarks>
public sealed class GuestMachine : IDisposable
{
    private readonly MountNamespace _namespace;
    private readonly IReadOnlyList<AttachedDisk> _attached;
    private readonly VolumeFiles _files;
    private readonly SystemSearch _search;
    private readonly int _workers;
    private int _trees;

    private GuestMachine(MountNamespace mounts, IReadOnlyList<AttachedDisk> attached, int workers, IReadOnlyList<GuestKey> keys)
    {
        _namespace = mounts;
        _attached = attached;
        _files = new VolumeFiles(mounts, attached);
        _workers = workers;
        (Disks, Volumes) = VolumeDiscovery.Discover(attached, keys);
        _search = new SystemSearch(mounts, NewTree);
        Firmware = BootInspection.DetectFirmware(Disks);
        BootDisk = BootInspection.DetectBootDisk(Disks, Firmware);
    }

    /// <summary>File systems that are looked at side by side where nothing else is said.</summary>
    public const int DefaultWorkers = 4;

    /// <summary>Its disks.</summary>
    public IReadOnlyList<GuestDisk> Disks { get; }

    /// <summary>All volumes of all disks, in the order of disks and partition numbers, then arrays and logical volumes; unknown ones, swap and containers too.</summary>
    public IReadOnlyList<GuestVolume> Volumes { get; }

    /// <summary>How it boots, as its partitions say; never <see cref="Firmware.Unknown"/>.</summary>
    public Firmware Firmware { get; }

    /// <summary>Index of the disk that its firmware starts from.</summary>
    public int BootDisk { get; }

    /// <summary>Attaches the disks of a guest, side by side, and reads their partition tables and superblocks.</summary>
    /// <param name="disks">Its disks in the guest's order.</param>
    /// <param name="workDirectory">A directory of the host in which <c>guest</c> is made, and removed at the end.</param>
    /// <param name="workers">Most file systems that are looked at at once.</param>
    /// <param name="keys">Keys of its encrypted volumes.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StepException">A disk cannot be attached (<see cref="ErrorCodes.ConvertDisk"/>), we may not (<see cref="ErrorCodes.HostPermission"/>), or a key file cannot be read (<see cref="ErrorCodes.ConvertKey"/>).</exception>
    public static GuestMachine Open(IReadOnlyList<GuestDiskSource> disks, string workDirectory, int workers = DefaultWorkers, IReadOnlyList<GuestKey>? keys = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(disks);
        var mounts = MountNamespace.Create(Path.Combine(workDirectory, "guest"));
        var attached = new List<AttachedDisk>();
        try
        {
            attached.AddRange(DiskAttachment.AttachAll(mounts, disks, cancel));
            return new GuestMachine(mounts, attached, workers, keys ?? []);
        }
        catch
        {
            attached.ForEach(disk => disk.Dispose());
            mounts.Dispose();
            throw;
        }
    }

    /// <summary>Looks for operating systems: mounts every file system that may hold one, read-only, and lets go of it again.</summary>
    /// <returns>What was found, in the order of <see cref="Volumes"/>.</returns>
    public IReadOnlyList<GuestSystem> FindSystems() => _search.Find(Volumes, _workers);

    /// <summary>The one system that <c>--root</c> means.</summary>
    /// <param name="choice"><c>single</c>: there must be one; <c>first</c>: the first that was found; else the device of its root, <c>/dev/sda2</c>.</param>
    /// <exception cref="StepException">None (<see cref="ErrorCodes.ConvertNoSystem"/>) or several (<see cref="ErrorCodes.ConvertManyRoots"/>).</exception>
    public GuestSystem ChooseSystem(string choice = "single") => _search.Choose(FindSystems(), Volumes, choice);

    /// <summary>Mounts a system with all that its fstab names.</summary>
    /// <param name="system">One that was found here.</param>
    /// <param name="writable">For writing.</param>
    /// <exception cref="StepException">A file system that the system needs cannot be mounted (<see cref="ErrorCodes.ConvertMount"/>).</exception>
    public MountedGuest Mount(GuestSystem system, bool writable)
    {
        ArgumentNullException.ThrowIfNull(system);
        if (writable && Disks.FirstOrDefault(disk => disk.ReadOnly) is { } fixedDisk)
        {
            throw new StepException(ErrorCodes.ConvertMount, $"disk {fixedDisk.Index} was opened read-only and cannot be mounted for writing", disk: fixedDisk.Index);
        }

        return GuestMounter.Mount(system, NewTree(writable), Volumes);
    }

    /// <summary>The files of a FAT volume, through mtools: for an EFI system partition where the host's kernel has no vfat. Not while the volume is mounted.</summary>
    /// <param name="volume">A volume of <see cref="Volumes"/> with content <c>vfat</c>.</param>
    public FatFiles OpenFat(GuestVolume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return new FatFiles(_namespace, _files, volume);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _files.Dispose();
        foreach (var opened in Volumes.SelectMany(volume => volume.Map?.Stores ?? []).OfType<LuksStore>().Distinct())
        {
            opened.Dispose();
        }

        foreach (var disk in _attached)
        {
            disk.Dispose();
        }

        _namespace.Dispose();
    }

    /// <summary>A tree of its own, with nothing mounted.</summary>
    internal MountTree NewTree(bool writable)
        => new(_namespace, _files, Path.Combine(_namespace.Directory, $"root{Interlocked.Increment(ref _trees)}"), writable);
}
