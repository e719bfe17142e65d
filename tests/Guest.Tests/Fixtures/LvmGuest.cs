using Hyper2Kvm.Core.Servers;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>A small Linux with its root striped over two disks of a group <c>guest-vg</c>, /boot on a linear volume; behind nbdkit with COW overlays.</summary>
internal sealed class LvmGuest : IDisposable
{
    private readonly ScratchDirectory _scratch;
    private readonly List<NbdServer> _servers = [];

    public LvmGuest(ScratchDirectory scratch, string fstab)
    {
        _scratch = scratch;
        var root = new DiskImage(scratch, "root.ext4").Sized(48 * DiskImage.MiB).WithExt(0, 48 * DiskImage.MiB, LinuxTree.Make(scratch, fstab, directories: "srv"), label: "root");
        var boot = new DiskImage(scratch, "boot.ext4").Sized(16 * DiskImage.MiB).WithExt(0, 16 * DiskImage.MiB, label: "boot", uuid: BootUuid);
        _ = new LvmImage(
            Images,
            64,
            "guest-vg",
            ("root", 48, "type = \"striped\" stripe_count = 2 stripe_size = 128 stripes = [\"pv0\", 0, \"pv1\", 0]"),
            ("boot", 16, "type = \"striped\" stripe_count = 1 stripes = [\"pv1\", 24]")).With("root", root.Path).With("boot", boot.Path);
        _servers.AddRange(Images.Zip(Sockets, (image, socket) => NbdkitDisk.Serve(image, socket)));
    }

    public static string BootUuid => "33333333-2222-3333-4444-555555555555";

    public string[] Images => [_scratch.File("lvm0"), _scratch.File("lvm1")];

    public string[] Sockets => [_scratch.File("in0"), _scratch.File("in1")];

    public GuestMachine Open(bool readOnly = false) => GuestMachine.Open([.. Sockets.Select(socket => GuestDiskSource.Socket(socket, readOnly))], _scratch.Path);

    public void Dispose() => _servers.ForEach(server => server.Dispose());
}
