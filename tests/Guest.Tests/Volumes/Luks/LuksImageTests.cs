using System.Security.Cryptography;
using Hyper2Kvm.Core.Keys;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Volumes.Luks;

/// <summary>Containers that cryptsetup made, opened without it and without a device mapper.</summary>
[Trait("speed", "slow")]
public sealed class LuksImageTests : IDisposable
{
    private const int NewBytes = 3_000_000;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("luks1", "all", "fixture", "luks1")]
    [InlineData("luks2", "/dev/sda", "fixture", "luks2")]
    [InlineData("luks2", "all", "fixture-key", "luks2")]
    [InlineData("luks2-pbkdf2", "UUID", "fixture", "luks2-pbkdf2")]
    [InlineData("lvm-in-luks2", "UUID", "fixture", "lvm-in-luks2")]
    public void A_file_system_in_it_has_the_files_that_were_written_and_takes_new_ones(string image, string id, string passphrase, string name)
    {
        var disk = StorageImages.Unpack(_scratch, image).Single();
        var key = GuestKey.Of(id == "UUID" ? Tool.Run("blkid", "-p", "-s", "UUID", "-o", "value", disk).Trim() : id, System.Text.Encoding.UTF8.GetBytes(passphrase));
        using (var machine = Open(disk, readOnly: true, key))
        {
            using var tree = machine.NewTree(MountOptions.ReadOnly);
            tree.Mount(Data(machine), "/", null);
            using var files = tree.OpenFiles();
            System.Text.Encoding.ASCII.GetString(files.Read("/name")).Should().Be(name + "\n");
            var sum = Convert.ToHexStringLower(SHA256.HashData(files.Read("/directory/big")));
            System.Text.Encoding.ASCII.GetString(files.Read("/sums")).Should().Contain($"{sum}  directory/big");
        }

        using (var machine = Open(disk, readOnly: false, key))
        {
            using var tree = machine.NewTree(MountOptions.ForWriting);
            tree.Mount(Data(machine), "/", null);
            using (var files = tree.OpenFiles())
            {
                files.Write("/new", New());
                files.Delete("/name");
            }

            tree.Close();
        }

        using (var machine = Open(disk, readOnly: true, key))
        {
            var volume = Data(machine);
            using (var tree = machine.NewTree(MountOptions.ReadOnly))
            {
                tree.Mount(volume, "/", null);
                using var files = tree.OpenFiles();
                files.Read("/new").Should().Equal(New());
                files.Status("/name").Should().BeNull();
            }

            var plain = _scratch.File("plain");
            File.WriteAllBytes(plain, Bytes(volume));
            Tool.Run("e2fsck", "-fn", plain);
        }

        HostState.Mounts().Should().NotContain(_scratch.Path);
        HostState.LoopBackingFiles().Should().NotContain(file => file.Contains(_scratch.Path));
    }

    [Theory]
    [InlineData("luks1", "LUKS1")]
    [InlineData("luks2", "LUKS2")]
    public void A_wrong_passphrase_opens_nothing(string image, string version)
    {
        using var machine = Open(StorageImages.Unpack(_scratch, image).Single(), readOnly: true, GuestKey.Of("all", "fixtur"u8));

        machine.Volumes.Single().Should().Match<GuestVolume>(volume => volume.Lock == VolumeLock.WrongKey && volume.Problem!.Contains(version) && volume.Problem.Contains("--key all:key:…"));
    }

    private static byte[] New() => [.. Enumerable.Range(0, NewBytes).Select(at => (byte)(at >> 8))];

    private static byte[] Bytes(GuestVolume volume)
    {
        var bytes = new byte[volume.Length];
        volume.Map!.ReadAt(bytes, 0).Should().Be(bytes.Length);
        return bytes;
    }

    private static GuestVolume Data(GuestMachine machine) => machine.Volumes.Single(volume => volume.Content == "ext4");

    private GuestMachine Open(string disk, bool readOnly, params GuestKey[] keys) => GuestMachine.Open([GuestDiskSource.Raw(disk, readOnly)], _scratch.Path, new GuestOptions { Keys = keys });
}
