using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>A name for a volume on the target.</summary>
/// <param name="Specification">What to write: <c>UUID=…</c>, <c>PARTUUID=…</c> or <c>/dev/vda1</c>.</param>
/// <param name="Volume">The volume.</param>
/// <param name="IsStable">Whether it outlives another change of controller.</param>
internal sealed record VolumeName(string Specification, GuestVolume Volume, bool IsStable)
{
    /// <summary>The same as a path, for files in which <c>UUID=</c> means nothing: udev's link to the volume.</summary>
    public string Path => Specification.Split('=', 2) is [var tag, var value] ? $"/dev/disk/by-{tag.ToLowerInvariant()}/{value}" : Specification;
}

/// <summary>Translates names that hang on the source's controllers into names that hang on the data.</summary>
internal sealed class VolumeNames
{
    private readonly IReadOnlyList<GuestVolume> _volumes;
    private readonly int _disks;
    private readonly string _diskPrefix;
    private readonly DiskFamilies _families;

    /// <summary>Makes the translation.</summary>
    /// <param name="volumes">All volumes of the guest.</param>
    /// <param name="diskPrefix">What the target calls its disks, <c>vd</c>.</param>
    /// <param name="families">Which disk the guest's files mean by which name.</param>
    public VolumeNames(IReadOnlyList<GuestVolume> volumes, string diskPrefix, DiskFamilies families)
    {
        _volumes = volumes;
        _diskPrefix = diskPrefix;
        _families = families;
        _disks = volumes.Select(volume => volume.Disk).DefaultIfEmpty(-1).Max() + 1;
    }

    /// <summary>Kinds of device names that are not translated, since it cannot be told which disks they count.</summary>
    public IEnumerable<string> Untrusted => _families.Untrusted;

    /// <summary>Whether a name hangs on the source's controllers at all.</summary>
    /// <param name="name">A device name.</param>
    public static bool IsControllerName(string name) => SourceDevice.Parse(name) is not null;

    /// <summary>The name to use on the target.</summary>
    /// <param name="name">A name for which <see cref="IsControllerName"/> holds.</param>
    /// <param name="byContent">Whether the content's UUID may be used; not for a volume that is made anew at every boot.</param>
    /// <returns><see langword="null"/> where the guest has no such volume or the name does not tell which disk is meant.</returns>
    public VolumeName? Translate(string name, bool byContent = true)
    {
        if (SourceDevice.Parse(name) is not { } device)
            return null;
        var disk = DiskOf(device);
        var volume = _volumes.FirstOrDefault(candidate => candidate.Kind == VolumeKind.Plain && candidate.Disk == disk && candidate.Partition == device.Partition);
        return volume is null ? null : NameOf(volume, byContent);
    }

    /// <summary>Whether the guest has disks and the name could be that of any of them.</summary>
    /// <param name="name">A name for which <see cref="IsControllerName"/> holds.</param>
    public bool IsVague(string name) => SourceDevice.Parse(name) is { } device && DiskOf(device) is null;

    /// <summary>What the target's kernel will call a disk or partition: for files that take no other name.</summary>
    /// <param name="name">A name for which <see cref="IsControllerName"/> holds.</param>
    /// <returns><see langword="null"/> where the guest has no such disk or the name does not tell which is meant.</returns>
    public string? OnTarget(string name)
        => SourceDevice.Parse(name) is { } device && DiskOf(device) is { } disk && disk >= 0 && disk < _disks ? KernelName(_diskPrefix, disk, device.Partition) : null;

    private int? DiskOf(SourceDevice device)
        => device.Disk is not { } place ? _disks == 1 ? 0 : null
            : _families.DiskAt(device.Family, place);

    private VolumeName NameOf(GuestVolume volume, bool byContent)
    {
        if (byContent && IsUnique(volume.Uuid, other => other.Uuid))
            return new VolumeName($"UUID={volume.Uuid}", volume, IsStable: true);
        if (IsUnique(volume.PartitionUuid, other => other.PartitionUuid))
            return new VolumeName($"PARTUUID={volume.PartitionUuid}", volume, IsStable: true);
        return new VolumeName(KernelName(_diskPrefix, volume), volume, IsStable: false);
    }

    /// <summary>What a kernel calls a volume.</summary>
    /// <param name="prefix">How its names of disks begin, <c>vd</c>.</param>
    /// <param name="volume">A disk or partition.</param>
    public static string KernelName(string prefix, GuestVolume volume) => KernelName(prefix, volume.Disk, volume.Partition);

    private static string KernelName(string prefix, int disk, int partition) => $"/dev/{prefix}{Letters(disk)}{(partition == 0 ? string.Empty : partition.ToString())}";

    /// <summary>Clones of a disk carry its UUIDs: a name that means two volumes is none.</summary>
    private bool IsUnique(string? value, Func<GuestVolume, string?> select)
        => !string.IsNullOrEmpty(value) && _volumes.Count(volume => string.Equals(select(volume), value, StringComparison.OrdinalIgnoreCase)) == 1;

    private static string Letters(int disk)
        => disk < 26 ? ((char)('a' + disk)).ToString() : Letters((disk / 26) - 1) + (char)('a' + (disk % 26));
}
