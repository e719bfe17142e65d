using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Mounting.Ntfs;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Mounting;

public sealed class NtfsTests : IDisposable
{
    private const long MiB = DiskImage.MiB;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_clean_ntfs_in_a_partition_behind_nbd_is_written_and_read_again()
    {
        var disk = Disk();
        using var server = NbdkitDisk.Serve(disk.Path, _scratch.File("in0"));
        using (var machine = GuestMachine.Open([GuestDiskSource.Socket(_scratch.File("in0"))], _scratch.Path))
        using (var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ForWriting))
        {
            (volumes.Mounts.Single().Writable, volumes.Mounts.Single().Way, volumes.Mounts.Single().Warning).Should().Be((true, MountWay.Normal, null));
            volumes.Files.Write("/sda1/Windows/new.txt", "hello"u8);
            volumes.Close();
        }

        using (var machine = GuestMachine.Open([GuestDiskSource.Socket(_scratch.File("in0"), readOnly: true)], _scratch.Path))
        using (var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ReadOnly))
        {
            Encoding.UTF8.GetString(volumes.Files.Read("/sda1/Windows/new.txt")).Should().Be("hello");
        }

        Leftovers().Should().BeEmpty();
    }

    [Fact]
    public void A_file_that_is_replaced_keeps_its_security_descriptor_and_its_attributes()
    {
        const string HiddenAndArchive = "0x22000000";
        var disk = Disk();
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        using var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ForWriting);
        volumes.Files.Write("/sda1/Windows/hive", "old"u8);
        var path = Directory.EnumerateDirectories($"/proc/{Environment.ProcessId}/task")
            .SelectMany(task => File.ReadLines($"{task}/mountinfo").Select(line => line.Split(' ')[4]).Where(point => point.StartsWith(_scratch.Path) && point.EndsWith("/sda1")).Select(point => $"{task}/root{point}/Windows/hive"))
            .First();

        // The descriptor as ntfs-3g makes it, everyone's, with the mask of its one entry changed to reading.
        var readable = Attribute(path, "system.ntfs_acl").Replace("ff011f00", "a9001200");
        Tool.Run("setfattr", "--name=system.ntfs_acl", $"--value={readable}", path);
        Tool.Run("setfattr", "--name=system.ntfs_attrib", $"--value={HiddenAndArchive}", path);

        volumes.Files.Write("/sda1/Windows/hive", "new"u8);

        Attribute(path, "system.ntfs_acl").Should().Be(readable).And.Contain("a9001200");
        Attribute(path, "system.ntfs_attrib").Should().Be(HiddenAndArchive);
        volumes.Close();
    }

    [Theory]
    [InlineData("hibr")]
    [InlineData("HIBR")]
    [InlineData("RSTR")]
    public void A_hibernated_volume_is_refused_with_the_remedy_read_with_a_warning_and_forced_when_asked(string header)
    {
        var disk = Disk(hibernation: Header(header));
        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path))
        {
            using (var refused = machine.MountVolumes(machine.Volumes, MountOptions.ForWriting))
            {
                refused.Mounts.Should().BeEmpty();
                refused.Unmounted.Single().Reason.Should().Contain("hibernated").And.Contain("powercfg /h off").And.Contain("shut it down fully");
            }

            using (var looked = machine.MountVolumes(machine.Volumes, MountOptions.ReadOnly))
            {
                looked.Mounts.Single().Warning.Should().Contain("hibernated");
                looked.Files.Status("/sda1/hiberfil.sys").Should().NotBeNull();
            }

            using var forced = machine.MountVolumes(machine.Volumes, new MountOptions { Writable = true, ForceHibernated = true });
            (forced.Mounts.Single().Way, forced.Mounts.Single().Writable).Should().Be((MountWay.Forced, true));
            forced.Files.Status("/sda1/hiberfil.sys").Should().BeNull();
        }

        Leftovers().Should().BeEmpty();
    }

    [Fact]
    public void A_dirty_volume_is_refused_and_one_that_woke_and_was_shut_down_is_not()
    {
        var dirty = Disk(dirty: true);
        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(dirty.Path)], _scratch.Path))
        using (var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ForWriting))
        {
            volumes.Unmounted.Single().Reason.Should().Contain("dirty").And.Contain("powercfg /h off");
        }

        var woken = Disk("b", hibernation: Header("wake"));
        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(woken.Path)], _scratch.Path))
        using (var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ForWriting))
        {
            volumes.Mounts.Single().Writable.Should().BeTrue();
        }
    }

    [Fact]
    public void A_system_that_needs_a_hibernated_volume_stops_with_the_remedy_and_one_that_does_not_goes_on()
    {
        foreach (var (mountPoint, needed) in new[] { ("/usr", true), ("/mnt", false) })
        {
            var tree = LinuxTree.Make(_scratch, $"/dev/sda1 {mountPoint} ntfs defaults 0 0\n", name: $"tree{needed}", directories: "mnt");
            var disk = Disk($"disk{needed}", hibernation: Header("hibr")).WithExt(64 * MiB, 60 * MiB, tree);
            using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
            var mounting = () => machine.Mount(machine.ChooseSystem("first"), writable: true);
            if (needed)
            {
                mounting.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertMount && failure.Message.Contains("powercfg"));
            }
            else
            {
                using var guest = mounting();
                guest.Unmounted.Single().Reason.Should().Contain("powercfg");
            }
        }
    }

    [Fact]
    public void Ntfs3g_is_no_fuseblk_and_not_in_the_namespace_that_its_mount_is_in()
    {
        var disk = Disk();
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        using var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ForWriting);

        var server = System.Diagnostics.Process.GetProcessesByName("ntfs-3g").Single(process => File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(_scratch.Path));

        // It would wait for itself, for ever and unkillable, when it is killed last: see MountNamespace.
        File.ReadAllLines($"/proc/{server.Id}/mountinfo").Should().NotContain(line => line.Contains(_scratch.Path) && line.Contains(" - fuse"));
        var seen = Directory.EnumerateDirectories("/proc/self/task").Select(task => File.ReadAllText($"{task}/mountinfo")).First(info => info.Contains("root1"));
        seen.Split('\n').Should().Contain(line => line.Contains("/sda1 ") && line.Contains("nosuid,nodev,noexec") && line.Contains(" - fuse "));
    }

    [Fact]
    public void Damaged_boot_sectors_and_file_records_never_lead_out_of_the_volume()
    {
        var image = Disk("fuzzed", dirty: true).Path;
        var bytes = File.ReadAllBytes(image).AsSpan((int)MiB, (int)(8 * MiB)).ToArray();
        NtfsVolumeFlags.Dirty(new MemoryDisk(bytes.Length, bytes), 0, 60 * MiB).Should().BeTrue();
        var random = new Random(5);
        for (var round = 0; round < 3000; round++)
        {
            var damaged = bytes[..512];
            for (var change = 0; change < 4; change++)
            {
                damaged[random.Next(0x0B, 0x48)] = (byte)random.Next(256);
            }

            var whole = (byte[])bytes.Clone();
            if (round % 100 == 0)
            {
                random.NextBytes(whole.AsSpan(512));
            }

            damaged.CopyTo(whole, 0);
            var disk = new MemoryDisk(whole.Length, whole);
            _ = NtfsVolumeFlags.Dirty(disk, 0, 60 * MiB);
            disk.BytesRead.Should().BeLessThan(128 * 1024);
        }
    }

    private DiskImage Disk(string name = "a", bool dirty = false, byte[]? hibernation = null)
        => new DiskImage(_scratch, name).Sized(128 * MiB).Partitioned("label: dos\nstart=1MiB, size=60MiB, type=7\nstart=64MiB, size=60MiB, type=83\n").WithNtfs(MiB, 60 * MiB, dirty, hibernation);

    private static string Attribute(string path, string name) => Tool.Run("getfattr", $"--name={name}", "--encoding=hex", "--absolute-names", path).Split('=')[1].Trim();

    private static byte[] Header(string signature) => [.. Encoding.ASCII.GetBytes(signature), .. new byte[8192]];

    private List<string> Leftovers()
        => [.. HostState.CommandLines().Where(line => line.Contains("ntfs-3g") && line.Contains(_scratch.Path)), .. HostState.LoopBackingFiles().Where(file => file.Contains(_scratch.Path))];
}
