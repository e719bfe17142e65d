using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Volumes;

namespace Hyper2Kvm.Guest.Inspection;

/// <summary>Looks for operating systems on a guest's volumes.</summary>
/// <param name="mounts">The namespace.</param>
/// <param name="newTree">Makes a tree to mount in.</param>
internal sealed class SystemSearch(MountNamespace mounts, Func<MountOptions, MountTree> newTree)
{
    /// <summary>Where a btrfs keeps its root when its default subvolume is the top one: Ubuntu, Debian, Fedora; openSUSE sets its default.</summary>
    private static readonly string[] RootSubvolumes = ["@", "@rootfs", "root"];

    private readonly Dictionary<GuestVolume, string> _failures = [];

    /// <summary>What was found, in the order of the volumes.</summary>
    /// <param name="volumes">All volumes.</param>
    /// <param name="workers">Most that are looked at at once.</param>
    public IReadOnlyList<GuestSystem> Find(IReadOnlyList<GuestVolume> volumes, int workers)
    {
        var candidates = volumes.Where(volume => FileSystemDriver.HoldsSystems(volume.Content)).ToArray();
        var found = new GuestSystem?[candidates.Length];
        mounts.RunAll([.. candidates.Select((volume, index) => (Action)(() => found[index] = Look(volume)))], workers);
        return [.. found.OfType<GuestSystem>()];
    }

    /// <summary>The one that <c>--root</c> means.</summary>
    /// <param name="systems">What was found.</param>
    /// <param name="volumes">All volumes, for the message.</param>
    /// <param name="choice"><c>single</c>, <c>first</c> or a device.</param>
    public GuestSystem Choose(IReadOnlyList<GuestSystem> systems, IReadOnlyList<GuestVolume> volumes, string choice) => choice switch
    {
        "single" when systems.Count > 1 => throw new StepException(
            ErrorCodes.ConvertManyRoots,
            $"the guest has {systems.Count} operating systems: {string.Join(", ", systems.Select(system => $"{system.Volume.Device} ({system.OperatingSystem.ProductName})"))}"),
        "single" or "first" => systems.Count > 0 ? systems[0] : throw NoSystem("no operating system was found", volumes),
        _ => systems.FirstOrDefault(system => system.Volume == DeviceSpec.Resolve(choice, volumes)) ?? throw NoSystem($"no operating system was found on {choice}", volumes),
    };

    /// <summary>With a file system that cannot be opened, the system is most likely in there: then that is what failed.</summary>
    private StepException NoSystem(string message, IReadOnlyList<GuestVolume> volumes)
    {
        // What is locked may hold it: a wrong key tells more than a missing one.
        var locked = volumes.OrderByDescending(volume => volume.Lock == VolumeLock.WrongKey).FirstOrDefault(volume => volume.Lock != VolumeLock.None);
        var isUnmapped = volumes.Any(volume => !volume.IsMapped);
        return new StepException(
            LockedVolumes.CodeOf(locked) ?? (Failures.Count > 0 || isUnmapped ? ErrorCodes.ConvertMount : ErrorCodes.ConvertNoSystem),
            $"{message}; the disks hold {(volumes.Count == 0 ? "no volume" : string.Join(", ", volumes.Select(Describe)))}",
            LockedVolumes.RemedyOf(locked) ?? (isUnmapped ? "Give all disks of the guest; where none is missing, change the volume in the guest as it says there." : null),
            disk: locked?.Disk);
    }

    /// <summary>The volumes that could not be opened so far, each with the reason.</summary>
    public IReadOnlyDictionary<GuestVolume, string> Failures
    {
        get
        {
            lock (_failures)
            {
                return new Dictionary<GuestVolume, string>(_failures);
            }
        }
    }

    private string Describe(GuestVolume volume)
    {
        lock (_failures)
        {
            var content = volume.Lock == VolumeLock.None ? volume.Content : $"{volume.Content}, {volume.Problem}";
            return $"{volume.Device} ({_failures.GetValueOrDefault(volume) ?? content ?? volume.Problem ?? "unknown"})";
        }
    }

    private GuestSystem? Look(GuestVolume volume)
    {
        try
        {
            return LookAt(volume, null)
                ?? (volume.Content == "btrfs" ? RootSubvolumes.Select(name => LookAt(volume, $"subvol={name}")).FirstOrDefault(system => system is not null) : null);
        }
        catch (MountFailure failure)
        {
            return Failed(volume, failure.Message);
        }
        catch (StepException failure) when (failure.Code == ErrorCodes.ConvertDisk)
        {
            return Failed(volume, $"{failure.Message} ({failure.Hint})");
        }
    }

    /// <summary>A volume that cannot be opened or read is no system; if nothing else is found, the message tells.</summary>
    private GuestSystem? Failed(GuestVolume volume, string why)
    {
        lock (_failures)
        {
            _failures[volume] = why;
        }

        return null;
    }

    private GuestSystem? LookAt(GuestVolume volume, string? subvolume)
    {
        using var tree = newTree(MountOptions.ReadOnly);
        try
        {
            tree.Mount(volume, "/", subvolume);
        }
        catch (MountFailure failure) when (subvolume is not null && failure.Errno == Native.Errno.NoEntry)
        {
            return null;
        }

        using var files = tree.OpenFiles();
        return volume.Content == "ntfs" ? WindowsInspection.Inspect(files, volume) : LinuxInspection.Inspect(files, volume, subvolume);
    }
}
