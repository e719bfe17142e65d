using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>A name for a volume on the target.</summary>
/// <param name="Specification">What to write: <c>UUID=…</c>, <c>PARTUUID=…</c> or <c>/dev/vda1</c>.</param>
/// <param name="Volume">The volume.</param>
/// <param name="IsStable">Whether it outlives another change of controller.</param>
internal sealed record VolumeName(string Specification, GuestVolume Volume, bool IsStable);

/// <summary>Translates names that hang on the source's controllers into names that hang on the data.</summary>
internal sealed class VolumeNames
{
    private readonly IReadOnlyList<GuestVolume> _volumes;
    private readonly DiskNaming _naming;
    private readonly int _disks;
    private readonly string _diskPrefix;

    /// <summary>Makes the translation.</summary>
    /// <param name="volumes">All volumes of the guest.</param>
    /// <param name="diskPrefix">What the target calls its disks, <c>vd</c>.</param>
    /// <param name="naming">Which disk the guest's files mean by which name; left out: names follow the order of the disks.</param>
    public VolumeNames(IReadOnlyList<GuestVolume> volumes, string diskPrefix, DiskNaming? naming = null)
    {
        _volumes = volumes;
        _naming = naming ?? DiskNaming.AsGiven;
        _diskPrefix = diskPrefix;
        _disks = volumes.Select(volume => volume.Disk).DefaultIfEmpty(-1).Max() + 1;
    }

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
        int? disk = device.Disk is { } place ? _naming.DiskAt(place) : _disks == 1 ? 0 : null;
        var volume = _volumes.FirstOrDefault(candidate => candidate.Kind == VolumeKind.Plain && candidate.Disk == disk && candidate.Partition == device.Partition);
        return volume is null ? null : NameOf(volume, byContent);
    }

    private VolumeName NameOf(GuestVolume volume, bool byContent)
    {
        if (byContent && IsUnique(volume.Uuid, other => other.Uuid))
            return new VolumeName($"UUID={volume.Uuid}", volume, IsStable: true);
        if (IsUnique(volume.PartitionUuid, other => other.PartitionUuid))
            return new VolumeName($"PARTUUID={volume.PartitionUuid}", volume, IsStable: true);
        var partition = volume.Partition == 0 ? string.Empty : volume.Partition.ToString();
        return new VolumeName($"/dev/{_diskPrefix}{Letters(volume.Disk)}{partition}", volume, IsStable: false);
    }

    /// <summary>Clones of a disk carry its UUIDs: a name that means two volumes is none.</summary>
    private bool IsUnique(string? value, Func<GuestVolume, string?> select)
        => !string.IsNullOrEmpty(value) && _volumes.Count(volume => string.Equals(select(volume), value, StringComparison.OrdinalIgnoreCase)) == 1;

    private static string Letters(int disk)
        => disk < 26 ? ((char)('a' + disk)).ToString() : Letters((disk / 26) - 1) + (char)('a' + (disk % 26));
}
