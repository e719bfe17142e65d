using System.Security.Cryptography;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Volumes;

public sealed class HostVolumesTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_hosts_volumes_and_its_records_of_them_are_never_touched()
    {
        using var guest = new LvmGuest(_scratch, "/dev/mapper/guest--vg-root / ext4 defaults 0 1\n");
        var before = HostVolumes.Snapshot();

        using (var machine = guest.Open())
        {
            using var mounted = machine.Mount(machine.ChooseSystem(), writable: true);
            mounted.Files.Write("/etc/hostname", "changed\n"u8);
            HostVolumes.Snapshot().Should().Equal(before, "not even while it is mounted");
            mounted.Close();
        }

        HostVolumes.Snapshot().Should().Equal(before);
    }

    [Fact]
    [Trait("speed", "slow")]
    public void A_group_of_the_same_name_and_identifier_on_the_host_stays_the_hosts()
    {
        if (!HostVolumes.HasDeviceMapper)
        {
            return; // Nothing to mix up: the other test holds what can be held here.
        }

        var images = StorageImages.Unpack(_scratch, "lvm-raid1");
        var loops = images.Select((image, number) =>
        {
            File.Copy(image, _scratch.File($"host{number}"));
            return Tool.Run("losetup", "--find", "--show", _scratch.File($"host{number}")).Trim();
        }).ToArray();
        string[] only = ["--config", $"devices {{ filter = [ {string.Join(", ", loops.Select(loop => $"\"a|^{loop}$|\""))}, \"r|.*|\" ] use_devicesfile = 0 }}"];
        try
        {
            Tool.Run("vgchange", [.. only, "-ay", "raid1"]);
            var before = SHA256.HashData(File.ReadAllBytes("/dev/raid1/data"));
            var known = HostVolumes.Snapshot();

            using (var machine = GuestMachine.Open([.. images.Select(image => GuestDiskSource.Raw(image))], _scratch.Path))
            using (var tree = machine.NewTree(new MountOptions { Writable = true }))
            {
                tree.Mount(machine.Volumes.Single(volume => volume.Device == "/dev/raid1/data"), "/", null);
                using (var files = tree.OpenFiles())
                {
                    files.Write("/new", "guest"u8);
                }

                tree.Close();
            }

            HostVolumes.Snapshot().Should().Equal(known);
            SHA256.HashData(File.ReadAllBytes("/dev/raid1/data")).Should().Equal(before);
        }
        finally
        {
            Tool.Run("vgchange", [.. only, "-an", "raid1"]);
            Array.ForEach(loops, loop => Tool.Run("losetup", "--detach", loop));
        }
    }
}
