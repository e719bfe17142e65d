using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>
/// Which disks each kind of device name counts: a guest with a SCSI and an NVMe disk has a first disk of either kind, <c>sda</c> and
/// <c>nvme0n1</c>. Taking both for the guest's first disk would put one file system in the other's place.
/// </summary>
internal sealed class DiskFamilies
{
    /// <summary>Kinds of names by the bus of the source. Old kernels called IDE disks <c>hd</c>, newer ones call them <c>sd</c>; Xen offers its disks under either name.</summary>
    private static readonly Dictionary<DiskBus, string[]> ByBus = new()
    {
        [DiskBus.Ide] = ["hd", "sd"],
        [DiskBus.Sata] = ["sd"],
        [DiskBus.Scsi] = ["sd", "cciss", "ida"],
        [DiskBus.VirtioScsi] = ["sd"],
        [DiskBus.VirtioBlk] = ["vd"],
        [DiskBus.Nvme] = ["nvme"],
        [DiskBus.Xen] = ["xvd", "hd", "sd"],
    };

    private readonly IReadOnlyList<DiskMetadata> _disks;
    private readonly DiskNaming _naming;
    private readonly HashSet<string> _untrusted;

    /// <summary>Finds out.</summary>
    /// <param name="disks">Disks of the source.</param>
    /// <param name="naming">The guest's own order of its disks.</param>
    /// <param name="volumes">All volumes of the guest.</param>
    /// <param name="fstab">The guest's fstab.</param>
    public DiskFamilies(IReadOnlyList<DiskMetadata> disks, DiskNaming naming, IReadOnlyList<GuestVolume> volumes, string fstab)
    {
        _disks = disks;
        _naming = naming;
        var lines = fstab.Split('\n')
            .Select(text => new TableLine(text))
            .Where(line => line.Count > 1 && !RemovableDrive.IsOpticalType(line[2]))
            .Select(line => (Spec: TableLine.Unescape(line[0]), MountPoint: line[1], Device: SourceDevice.Parse(TableLine.Unescape(line[0]))))
            .ToList();
        var named = lines.Where(line => line.Device is { Family.Length: > 0 }).ToList();
        var used = named.OrderBy(line => line.MountPoint == "/" ? 0 : 1).Select(line => line.Device!.Family).Distinct().ToList();
        _untrusted = [.. used.Count > 1 && !AreTold(used) ? used.Skip(1) : []];

        // What another line mounts under a lasting name is not what a device name means: the trace that names of a second kind leave in a converted guest.
        foreach (var line in lines.Where(line => line.Device is null))
        {
            if (DeviceSpec.Resolve(line.Spec, volumes, naming) is { Kind: VolumeKind.Plain, Content: not "btrfs" } mounted)
                _untrusted.UnionWith(named.Where(other => other.MountPoint != line.MountPoint && DiskAt(other.Device!.Family, other.Device.Disk!.Value) == mounted.Disk && other.Device.Partition == mounted.Partition).Select(other => other.Device!.Family));
        }
    }

    /// <summary>Kinds of names that are not translated, since it cannot be told which disks they count.</summary>
    public IEnumerable<string> Untrusted => _untrusted.Order(StringComparer.Ordinal);

    /// <summary>The disk that a name means.</summary>
    /// <param name="family">Kind of name; empty for names that count all disks.</param>
    /// <param name="place">Its place among those of its kind, from 0.</param>
    /// <returns>Index of the disk; <see langword="null"/> where it cannot be told, one that does not exist where none is meant.</returns>
    public int? DiskAt(string family, int place)
    {
        if (_untrusted.Contains(family))
            return null;
        var disks = Disks(family);
        return disks.Length == 0 ? _naming.DiskAt(place) : place < disks.Length ? disks[place] : -1;
    }

    /// <summary>A descriptor of VMware says SCSI of NVMe disks too: the buses are believed only if every kind of name in use has disks of its own.</summary>
    private bool AreTold(List<string> used)
        => used.TrueForAll(family => Disks(family).Length > 0) && used.SelectMany(Disks).GroupBy(disk => disk).All(disk => disk.Count() == 1);

    /// <summary>Disks that a kind of name counts; none where the source does not tell.</summary>
    private int[] Disks(string family)
        => [.. _disks.Where(disk => ByBus.GetValueOrDefault(disk.Bus, []).Contains(family)).Select(disk => disk.Index).OrderBy(_naming.PlaceOf)];
}
