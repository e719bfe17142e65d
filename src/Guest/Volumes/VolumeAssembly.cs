using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Keys;
using Hyper2Kvm.Guest.Partitions;
using Hyper2Kvm.Guest.Volumes.Luks;
using Hyper2Kvm.Guest.Volumes.Lvm;
using Hyper2Kvm.Guest.Volumes.Md;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>Opens what is encrypted and puts together what lies on several volumes: md arrays, then LVM on whatever there is, and so on while there is more. Nothing of the host takes part.</summary>
internal sealed class VolumeAssembly
{
    /// <summary>Rounds, each of which finds what lies on the volumes of the one before: LVM in LUKS on LVM on md is two.</summary>
    private const int MostRounds = 4;

    /// <summary>Most volumes of a guest; a host's device mapper ends sooner.</summary>
    private const int MostVolumes = 4096;

    private readonly List<GuestVolume> _volumes;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly List<MdMember> _members = [];
    private readonly List<LvmDisk> _disks = [];
    private readonly HashSet<Guid> _arrays = [];
    private readonly HashSet<string> _groups = new(StringComparer.Ordinal);
    private readonly HashSet<int> _containers = [];
    private readonly LuksOpener _opener;

    private VolumeAssembly(IReadOnlyList<GuestVolume> volumes, IReadOnlyList<GuestKey> keys, CancellationToken cancel)
    {
        _volumes = [.. volumes];
        _opener = new LuksOpener(keys, cancel);
    }

    /// <summary>The volumes, with all arrays and logical volumes and what is in encrypted ones behind them.</summary>
    /// <param name="volumes">Partitions and whole disks.</param>
    /// <param name="keys">Keys of encrypted volumes.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StepException">A key file cannot be read (<see cref="ErrorCodes.ConvertKey"/>).</exception>
    public static IReadOnlyList<GuestVolume> Complete(IReadOnlyList<GuestVolume> volumes, IReadOnlyList<GuestKey> keys, CancellationToken cancel)
    {
        var assembly = new VolumeAssembly(volumes, keys, cancel);
        var round = 0;
        while (round++ < MostRounds && (assembly.OpenContainers() | assembly.Read()))
        {
            assembly.AddArrays();
            assembly.Read();
            assembly.AddGroups(mayBeIncomplete: false);
        }

        assembly.AddGroups(mayBeIncomplete: true);
        if (assembly.OpenContainers() | assembly.Read())
        {
            assembly.AddGroups(mayBeIncomplete: true);
        }

        return assembly._volumes;
    }

    /// <summary>Opens the containers that were not looked at yet; false where none was opened.</summary>
    private bool OpenContainers()
    {
        // Not those in what is opened now: rounds bound how deep containers lie in one another.
        var (found, count) = (false, _volumes.Count);
        for (var index = 0; index < count; index++)
        {
            if (_volumes[index] is { Map: not null, Content: LockedVolumes.Luks } container && _containers.Add(index))
            {
                (_volumes[index], var opened) = _opener.Open(container, _volumes);
                if (opened is not null)
                {
                    found = true;
                    Add([VolumeDiscovery.Probe(opened)]);
                }
            }
        }

        return found;
    }

    /// <summary>Reads the headers of members that were not read yet; false where there are none.</summary>
    private bool Read()
    {
        var found = false;
        for (var index = 0; index < _volumes.Count; index++)
        {
            var volume = _volumes[index];
            if (volume.Map is null || volume.Content is not ("LVM2_member" or "linux_raid_member") || !_read.Add($"{volume.Device} {volume.Uuid} {index}"))
            {
                continue;
            }

            found = true;
            if (ReadHeader(volume) is { } problem)
            {
                _volumes[index] = volume with { Problem = volume.Problem ?? problem };
            }
        }

        return found;
    }

    private string? ReadHeader(GuestVolume volume)
    {
        string? problem;
        try
        {
            if (volume.Content == "LVM2_member")
            {
                _disks.AddRange(LvmDisk.Read(volume.Device, volume.Map!, out problem) is { } disk ? [disk] : []);
            }
            else
            {
                _members.AddRange(MdMember.Read(volume.Device, volume.Map!, out problem) is { } member ? [member] : []);
            }
        }
        catch (StepException unreadable)
        {
            problem = unreadable.Message;
        }

        return problem;
    }

    private void AddArrays()
    {
        var arrays = _members.GroupBy(member => member.Superblock.ArrayId).Where(members => _arrays.Add(members.Key)).Select(members => new MdArray([.. members])).ToList();
        foreach (var array in arrays)
        {
            VolumeMap? map = null;
            string? problem = null;
            try
            {
                map = array.Map();
            }
            catch (VolumeProblem refused)
            {
                problem = refused.Message;
            }

            var names = MdNames.Of(array.Newest, isOnly: arrays.Count(other => MdNames.NumberOf(other.Newest) is null) == 1);
            var volume = new GuestVolume
            {
                Device = names[0],
                Names = names,
                Kind = VolumeKind.Raid,
                Disk = map?.Disks[0] ?? array.FirstDisk,
                Partition = 0,
                Offset = 0,
                Length = map?.Length ?? array.Length,
                Map = map,
                Problem = problem ?? array.Note,
            };
            Add(WithPartitions(volume));
        }
    }

    private static IEnumerable<GuestVolume> WithPartitions(GuestVolume array)
    {
        if (array.Map is null || Table(array.Map) is not { } table)
        {
            return [VolumeDiscovery.Probe(array)];
        }

        return VolumeDiscovery.VolumesOf(array, table, MdNames.PartitionName(array.Device, 1)[..^1]).Select(volume => volume.Partition == 0 ? volume : volume with
        {
            Kind = VolumeKind.Raid,
            Names = [.. array.Names.Select(name => MdNames.PartitionName(name, volume.Partition))],
            Problem = volume.Problem ?? array.Problem,
        });
    }

    private static PartitionTable? Table(VolumeMap map)
    {
        try
        {
            return PartitionTable.Read(map);
        }
        catch (StepException)
        {
            return null; // Probing tells.
        }
    }

    private void AddGroups(bool mayBeIncomplete)
    {
        var all = LvmAssembly.Groups(_disks);
        foreach (var group in all.Where(group => (mayBeIncomplete || LvmAssembly.IsComplete(group, _disks)) && _groups.Add(group.Id)))
        {
            var isUnique = all.Count(other => other.Name == group.Name) == 1;
            Add(LvmAssembly.Volumes(group, _disks, isUnique).Select(VolumeDiscovery.Probe));
        }
    }

    private void Add(IEnumerable<GuestVolume> volumes) => _volumes.AddRange(volumes.Take(Math.Max(0, MostVolumes - _volumes.Count)));
}
