using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Mounting.Fuse;
using Hyper2Kvm.Guest.Mounting.Ntfs;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Mounting;

/// <content>NTFS, by ntfs-3g.</content>
internal sealed partial class MountTree
{
    private const string ForReading = "ro";

    /// <summary>Looks at the volume read-only first; for writing, mounts it again only where Windows let go of it or the user said so.</summary>
    private GuestMount MountNtfs(GuestVolume volume, string mountPoint)
    {
        var (server, hibernation) = StartNtfs(volume, ForReading);
        try
        {
            var state = NtfsState.Of(NtfsVolumeFlags.Dirty(volume.Map!, 0, volume.Length) == true, hibernation);
            var way = MountWay.Normal;
            if (_options.Writable)
            {
                way = state.Problem is null ? MountWay.Normal
                    : _options.ForceHibernated ? MountWay.Forced
                    : throw new MountFailure(state.Problem, Errno.NotPermitted);
                server.Dispose();
                server = StartNtfs(volume, way == MountWay.Forced ? "rw,recover,remove_hiberfile" : "rw,recover").Server;
            }

            return Attach(volume, mountPoint, server, way, state.Problem);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    private GuestMount Attach(GuestVolume volume, string mountPoint, FuseServer server, MountWay way, string? problem)
        => _namespace.Run(() =>
        {
            Attach(server.Mount, mountPoint);
            server.Mount.Dispose();
            if (way == MountWay.Forced)
            {
                // ntfs-3g removes the file of a hibernated system, not that of a resume which was cut off.
                using var files = ConfinedFiles.Open(Root);
                files.Delete($"{mountPoint}/hiberfil.sys");
            }

            var mount = Register(volume, mountPoint, server) with { Options = server.Options, Warning = problem, Attempts = [new MountAttempt(way, null)] };

            // ntfs-3g takes on itself to mount read-only what it does not dare to write.
            return _options.Writable && !mount.Writable
                ? mount with { Attempts = [new MountAttempt(way, $"ntfs-3g: {server.Words}"), new MountAttempt(MountWay.ReadOnly, null)] }
                : mount;
        });

    private Ntfs3g StartNtfs(GuestVolume volume, string options)
    {
        // ntfs-3g takes no offset: what is no device has to begin where the volume does.
        var device = _means.ByKernel ? DeviceOf(volume, (volume.Map?.IsReadOnly ?? true) || options == ForReading).Path : _volumes.OpenWhole(volume).Path;
        return Ntfs3g.Start(_namespace, device, NewPlace("ntfs"), options);
    }
}
