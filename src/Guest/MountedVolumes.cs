using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Guest;

/// <summary>Volumes of a guest, mounted beside one another: <c>/sda1</c>, <c>/sda2</c> ….</summary>
public sealed class MountedVolumes : IDisposable
{
    private readonly MountTree _tree;
    private readonly ConfinedFiles _files;

    private MountedVolumes(MountTree tree, IReadOnlyList<GuestMount> mounts, IReadOnlyList<UnmountedVolume> unmounted)
    {
        _tree = tree;
        _files = tree.OpenFiles();
        Mounts = mounts;
        Unmounted = unmounted;
    }

    /// <summary>Their files. Any thread may use them.</summary>
    public IGuestFiles Files => _files;

    /// <summary>What is mounted, in the order that was asked for.</summary>
    public IReadOnlyList<GuestMount> Mounts { get; }

    /// <summary>What could not be mounted.</summary>
    public IReadOnlyList<UnmountedVolume> Unmounted { get; }

    /// <summary>Syncs all, unmounts and flushes the disks. May be called twice.</summary>
    /// <exception cref="StepException">A write was lost on its way to a disk, or something is still in use (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void Close()
    {
        _files.Dispose();
        _tree.Close();
    }

    /// <summary>The same as <see cref="Close"/>, and throws as it does: a lost write must not look like success.</summary>
    public void Dispose() => Close();

    internal static MountedVolumes Mount(IReadOnlyList<GuestVolume> volumes, MountTree tree, int workers)
    {
        var mounts = new GuestMount?[volumes.Count];
        var left = new UnmountedVolume?[volumes.Count];
        try
        {
            tree.RunAll([.. volumes.Select((volume, index) => (Action)(() => MountOne(volume, index)))], workers);
            return new MountedVolumes(tree, [.. mounts.OfType<GuestMount>()], [.. left.OfType<UnmountedVolume>()]);
        }
        catch
        {
            tree.Dispose();
            throw;
        }

        void MountOne(GuestVolume volume, int index)
        {
            // /dev/sda1 and /dev/mapper/vg-root alike: what follows /dev, without further slashes.
            var name = volume.Device["/dev/".Length..].Replace('/', '-');
            try
            {
                tree.MakeMountPoint(name);
                mounts[index] = tree.Mount(volume, $"/{name}", null);
            }
            catch (MountFailure failure)
            {
                left[index] = new UnmountedVolume(volume.Device, $"/{name}", volume, failure.Message, IsAwaited: false);
            }
        }
    }
}
