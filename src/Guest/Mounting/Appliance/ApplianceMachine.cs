using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Native;
using Hyper2Kvm.Guest.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Mounting.Appliance;

/// <summary>libguestfs: a small virtual machine that has the guest's disks and mounts their file systems; a FUSE server shows them here.</summary>
/// <remarks>
/// One machine for all: starting it takes 5 to 60 s. It mounts each file system on a directory of its own, <c>/v1 /v2 …</c>; what it shows is one FUSE file system,
/// of which each directory is attached where the guest has it. While it shows, it takes no commands: so it shows anew after each mount, which takes some
/// 100 ms, and one <see cref="MountTree"/> has it at a time.
/// <para>
/// It gets the disks by the way on which this process has them (the same NBD servers, so that one overlay takes the writes), and each opened container as a disk of its own:
/// no key ever leaves this process. It is the server of its FUSE file system, and lives where all servers do (<see cref="MountNamespace"/>).
/// </para>
/// </remarks>
/// <param name="mounts">The namespaces.</param>
/// <param name="disks">The guest's disks.</param>
/// <param name="files">Gives opened containers as files.</param>
/// <param name="volumes">The guest's volumes as we found them.</param>
/// <param name="byRoot">Whether this process is root of the host.</param>
/// <param name="cancel">Gives up its start.</param>
internal sealed class ApplianceMachine(MountNamespace mounts, IReadOnlyList<AttachedDisk> disks, VolumeFiles files, IReadOnlyList<GuestVolume> volumes, bool byRoot, CancellationToken cancel) : IDisposable
{
    private readonly Dictionary<GuestVolume, string> _devices = [];
    private readonly List<GuestVolume> _opened = [.. volumes.Where(volume => volume is { Kind: VolumeKind.Opened, IsMapped: true })];
    private Guestfish? _guestfish;
    private MountTree? _user;
    private bool _isShown;
    private int _places;

    private string ShownAt => Path.Combine(mounts.Directory, "appliance");

    /// <summary>The volumes with what the appliance knows of those that we cannot map: thin, cached and RAID volumes of LVM, arrays with parity.</summary>
    /// <exception cref="StepException">It cannot be started (<see cref="ErrorCodes.HostAppliance"/>, <see cref="ErrorCodes.ToolMissing"/>).</exception>
    public IReadOnlyList<GuestVolume> Complete() => [.. volumes.Select(volume => volume is { IsMapped: false, Lock: VolumeLock.None, Kind: not VolumeKind.Plain } ? Complete(volume) : volume)];

    /// <summary>Begins the use by one tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <exception cref="StepException">Another one uses it (<see cref="ErrorCodes.ConvertMount"/>).</exception>
    public void Take(MountTree tree)
    {
        if (_user is not null && _user != tree)
        {
            throw new StepException(ErrorCodes.ConvertMount, "the appliance mounts one guest at a time, and another is still open");
        }

        _user = tree;
    }

    /// <summary>Ends the use; false where the tree had none.</summary>
    /// <param name="tree">The tree.</param>
    public bool Release(MountTree tree)
    {
        var had = _user == tree;
        _user = had ? null : _user;
        return had;
    }

    /// <summary>Mounts a file system in the appliance; nothing may be shown.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="mountPoint">Where it is to be in the guest.</param>
    /// <param name="options">Options for mount(8), <c>ro</c> among them where it is to be read.</param>
    /// <param name="fixedDevice">Whether its device may not be written by anything.</param>
    /// <exception cref="MountFailure">It cannot be.</exception>
    public ShownVolume Mount(GuestVolume volume, string mountPoint, string options, bool fixedDevice)
    {
        var device = Guestfish.Quote(DeviceOf(volume));
        var place = $"v{++_places}";
        Run($"mkmountpoint /{place}", $"blockdev-setr{(fixedDevice ? 'o' : 'w')} {device}");
        if (Run($"mount-options {Guestfish.Quote(options)} {device} /{place}") is { Succeeded: false } failed)
        {
            Run($"rmmountpoint /{place}");
            throw new MountFailure($"in the appliance: {failed.Problem}", failed.Problem.Contains("No such file or directory", StringComparison.Ordinal) ? Errno.NoEntry : Errno.Io);
        }

        const string Flags = "flag: ";
        var flags = Run($"statvfs /{place}").Output.FirstOrDefault(line => line.StartsWith(Flags, StringComparison.Ordinal));
        var isReadOnly = !long.TryParse(flags?[Flags.Length..], out var bits) || (bits & NativeMethods.StatReadOnly) != 0;
        return new ShownVolume(volume, mountPoint, place, !isReadOnly);
    }

    /// <summary>Shows what is mounted, until <see cref="Hide"/>.</summary>
    /// <exception cref="StepException">It cannot be shown (<see cref="ErrorCodes.HostAppliance"/>).</exception>
    public void Show()
    {
        if (Run($"mount-local {Guestfish.Quote(ShownAt)} options:nosuid,nodev,noexec") is { Succeeded: false } failed)
        {
            throw new StepException(ErrorCodes.HostAppliance, $"the appliance's file systems cannot be shown: {failed.Problem}");
        }

        _guestfish!.Begin("-mount-local-run");
        _isShown = true;
    }

    /// <summary>A mount of what is shown of one volume, attached nowhere.</summary>
    /// <param name="shown">The volume.</param>
    public SafeFileHandle Clone(ShownVolume shown)
    {
        var mount = mounts.Servers.Run(() => Fuse.FuseServer.Take(Path.Combine(ShownAt, shown.Place)));
        const ulong Always = NativeMethods.MountNoSuid | NativeMethods.MountNoDevices | NativeMethods.MountNoExecute;
        return NativeMethods.RestrictMount(mount, Always | (shown.Writable ? 0 : NativeMethods.MountReadOnly)) == 0
            ? mount
            : throw new MountFailure($"the appliance's file systems cannot be restricted: {SystemError.Text(SystemError.Last)}", SystemError.Last);
    }

    /// <summary>Ends showing; all that was attached has to be unmounted.</summary>
    /// <exception cref="StepException">The appliance has ended, or something is still in use (<see cref="ErrorCodes.HostAppliance"/>).</exception>
    public void Hide()
    {
        if (_isShown)
        {
            EndShowing();
            _guestfish!.Await(CancellationToken.None);
        }
    }

    /// <summary>Gives the blocks that no file uses back to the disks.</summary>
    /// <param name="shown">A volume that can be written.</param>
    public void Trim(ShownVolume shown) => Run($"fstrim /{shown.Place}");

    /// <summary>Unmounts all in the appliance.</summary>
    /// <returns>What went wrong.</returns>
    public IReadOnlyList<string> UnmountAll() => Run("umount-all", "sync").Errors;

    /// <summary>Ends the appliance, which writes out its caches.</summary>
    /// <returns>What went wrong: what was written may be lost then.</returns>
    public IReadOnlyList<string> ShutDown()
    {
        var errors = Run("shutdown").Errors;
        Dispose();
        return errors;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        EndShowing();
        _guestfish?.Dispose();
        _guestfish = null;
        _devices.Clear();
    }

    private void EndShowing()
    {
        if (_isShown)
        {
            _isShown = false;
            mounts.Servers.Run(() => NativeMethods.Unmount(ShownAt, NativeMethods.UnmountDetach | NativeMethods.UnmountNoFollow));
        }
    }

    private static string Label(int drive) => $"drive{GuestDisk.Letters(drive)}";

    private GuestfishReply Run(params string[] commands) => (_guestfish ??= ApplianceStart.Start(mounts, ShownAt, byRoot, Drives(), cancel)).Run(commands);

    /// <summary>The commands that add the disks, then the opened containers; each gets a label, so that no order of devices matters.</summary>
    private IEnumerable<string> Drives()
    {
        var all = disks.Select(disk => (disk.Source.Path, disk.Source.IsSocket, disk.IsReadOnly))
            .Concat(_opened.Select(files.OpenWhole).Select(file => (file.Path, IsSocket: false, file.IsReadOnly)));
        return all.Select((drive, index) =>
        {
            var source = drive.IsSocket ? $"\"\" protocol:nbd {Guestfish.Quote($"server:'unix:{drive.Path}'")}" : Guestfish.Quote(drive.Path);
            return $"add-drive {source} format:raw label:{Label(index)} {(drive.IsReadOnly ? "readonly:true" : "discard:besteffort")}";
        });
    }

    private GuestVolume Complete(GuestVolume volume)
    {
        try
        {
            var device = Guestfish.Quote(DeviceOf(volume));
            var type = One($"vfs-type {device}");
            return type is null ? volume : volume with
            {
                Content = type,
                Uuid = One($"vfs-uuid {device}"),
                Label = One($"vfs-label {device}"),
                Length = long.TryParse(One($"blockdev-getsize64 {device}"), out var length) ? length : volume.Length,
                Problem = null,
            };
        }
        catch (MountFailure)
        {
            // Unknown there, too: our own reason stays.
            return volume;
        }
    }

    private string? One(string command) => Run(command).Output.FirstOrDefault(line => line.Length > 0);

    /// <summary>Its device in the appliance.</summary>
    private string DeviceOf(GuestVolume volume)
    {
        if (!_devices.TryGetValue(volume, out var device))
        {
            device = Candidates(volume).FirstOrDefault(name => Fits(volume, One($"blockdev-getsize64 {Guestfish.Quote(name)}")))
                ?? throw new MountFailure($"the appliance has no {volume.Device}", Errno.NoDevice);
            _devices.Add(volume, device);
        }

        return device;
    }

    private IEnumerable<string> Candidates(GuestVolume volume) => volume.Kind switch
    {
        VolumeKind.Plain => [$"/dev/disk/guestfs/{Label(volume.Disk)}{(volume.Partition > 0 ? volume.Partition : string.Empty)}"],
        VolumeKind.Opened => [$"/dev/disk/guestfs/{Label(disks.Count + _opened.FindIndex(opened => opened.Device == volume.Device))}"],
        _ => volume.Names.Prepend(volume.Device).Distinct(),
    };

    /// <summary>A partition of another size is another partition: the appliance's kernel reads the table otherwise than we do.</summary>
    private static bool Fits(GuestVolume volume, string? bytes)
        => long.TryParse(bytes, out var length) && (volume.Kind != VolumeKind.Plain || volume.Partition == 0 || length == volume.Length);
}
