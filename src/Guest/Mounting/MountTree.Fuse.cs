using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Mounting.Fuse;

namespace Hyper2Kvm.Guest.Mounting;

/// <content>ext2, ext3 and ext4 by fuse2fs, where the kernel mounts nothing for this user. Only for reading.</content>
internal sealed partial class MountTree
{
    private GuestMount MountByFuse(GuestVolume volume, string content, string mountPoint)
    {
        var program = FuseDrivers.ProgramOf(content)
            ?? throw new MountFailure($"there is no FUSE driver for {content}: run as root, or take --backend appliance", Native.Errno.NoDevice);
        var file = _volumes.Open(volume);
        var attempts = new List<MountAttempt>();
        foreach (var way in MountLadder.Ways(content, deviceReadOnly: true))
        {
            // As of e2fsprogs 1.47: norecovery passes over the journal.
            var options = way == MountWay.WithoutJournal ? "ro,norecovery" : "ro";
            try
            {
                var server = FuseServer.Start(
                    _namespace,
                    NewPlace("ext"),
                    options,
                    path => new Command(program, "-f", "-o", $"{options},offset={file.Offset},nosuid,nodev,noexec,fsname=hyper2kvm", file.Path, path));
                attempts.Add(new MountAttempt(way, null));
                return Attach(volume, mountPoint, server) with { Options = options, Attempts = attempts, Warning = StateOf(volume, content) };
            }
            catch (MountFailure failure)
            {
                attempts.Add(new MountAttempt(way, failure.Message));
            }
        }

        throw new MountFailure(MountLadder.Describe(attempts), Native.Errno.Io);
    }

    private GuestMount Attach(GuestVolume volume, string mountPoint, FuseServer server)
    {
        try
        {
            return _namespace.Run(() =>
            {
                Attach(server.Mount, mountPoint);
                server.Mount.Dispose();
                return Register(volume, mountPoint, server);
            });
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }
}
