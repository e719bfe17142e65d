using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>Gives every volume of a guest as a file: a part of its disk's own file where it is one piece, else one that we serve.</summary>
/// <param name="mounts">The namespace.</param>
/// <param name="disks">The guest's disks.</param>
internal sealed class VolumeFiles(MountNamespace mounts, IReadOnlyList<AttachedDisk> disks) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<VolumeMap, VolumeServer> _served = [];

    /// <summary>The volume's file; the same one each time.</summary>
    /// <param name="volume">A volume of this guest.</param>
    /// <exception cref="MountFailure">The volume is not mapped.</exception>
    /// <exception cref="StepException">It cannot be served (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public VolumeFile Open(GuestVolume volume)
    {
        var map = volume.Map ?? throw new MountFailure(volume.Problem ?? "its place on the disks is not known", 0);
        if (map is SpanMap { Store: AttachedDisk disk } span)
        {
            return new VolumeFile(disk.File, span.Offset, span.Length, map.IsReadOnly);
        }

        return Serve(volume, map);
    }

    /// <summary>The volume as a file that begins where it does, for a program that takes no offset.</summary>
    /// <param name="volume">A volume of this guest.</param>
    /// <exception cref="MountFailure">The volume is not mapped.</exception>
    /// <exception cref="StepException">It cannot be served (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public VolumeFile OpenWhole(GuestVolume volume) => Open(volume) is { Offset: 0 } file ? file : Serve(volume, volume.Map!);

    /// <summary>Makes durable what was written to the disks of a volume.</summary>
    /// <param name="volumes">The volumes.</param>
    /// <exception cref="StepException">A write was lost (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void Flush(IEnumerable<GuestVolume> volumes)
    {
        foreach (var disk in volumes.SelectMany(volume => volume.Disks).Distinct())
        {
            disks[disk].Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var server in _served.Values)
        {
            server.Dispose();
        }

        _served.Clear();
    }

    private VolumeFile Serve(GuestVolume volume, VolumeMap map)
    {
        // One at a time: a server is up in some 30 ms, and most guests have one or none.
        lock (_lock)
        {
            if (!_served.TryGetValue(map, out var server))
            {
                server = VolumeServer.Start(mounts, volume, map, _served.Count);
                _served.Add(map, server);
            }

            return server.File;
        }
    }
}
