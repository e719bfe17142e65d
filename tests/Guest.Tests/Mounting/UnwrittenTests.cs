using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Mounting;

/// <summary>What a look at a guest, or a refusal, leaves on disks that could be written: nothing.</summary>
public sealed class UnwrittenTests : IDisposable
{
    private const long Size = 64 * DiskImage.MiB;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Dirty_journals_are_replayed_by_no_search_and_by_no_mount_for_reading()
    {
        var disk = new DiskImage(_scratch, "a").Sized(Size).WithExt(0, Size, LinuxTree.Make(_scratch, string.Empty));
        Tool.Run("debugfs", "-w", "-R", "feature needs_recovery", disk.Path);
        var before = Sha256.Of(disk.Path);
        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path))
        {
            using var guest = machine.Mount(machine.ChooseSystem(), writable: false);
            guest.Mounts.Single().Way.Should().Be(MountWay.WithoutJournal);
        }

        Sha256.Of(disk.Path).Should().Equal(before);
    }

    [Theory]
    [InlineData("S1SUSPEND\0", "SWAPSPACE2")]
    [InlineData("S2SUSPEND\0", "SWAPSPACE2")]
    [InlineData("ULSUSPEND\0", "SWAP-SPACE")]
    [InlineData("LINHIB0001", "")]
    public void A_hibernated_guest_is_refused_for_writing_and_with_force_it_cannot_be_resumed(string signature, string kept)
    {
        const string Uuid = "99999999-2222-3333-4444-555555555555";
        var root = new DiskImage(_scratch, "a").Sized(Size).WithExt(0, Size, LinuxTree.Make(_scratch, string.Empty));
        var swap = new DiskImage(_scratch, "b").Sized(Size).WithSwap(0, Size, Uuid);
        using (var file = File.OpenHandle(swap.Path, access: FileAccess.ReadWrite))
        {
            RandomAccess.Write(file, System.Text.Encoding.ASCII.GetBytes(kept), 4096 - 20);
            RandomAccess.Write(file, System.Text.Encoding.ASCII.GetBytes(signature), 4096 - 10);
        }

        var before = Sha256.Of(root.Path, swap.Path);
        using (var machine = Open(root, swap))
        {
            machine.Volumes[1].Should().Match<GuestVolume>(volume => volume.Content == "swsuspend" && volume.Uuid == Uuid);
            machine.Invoking(opened => opened.Mount(opened.ChooseSystem(), writable: true)).Should().Throw<StepException>()
                .Where(failure => failure.Code == ErrorCodes.ConvertMount && failure.Message.Contains("hibernated on /dev/sdb") && failure.Hint.Contains("shut it down fully"));
        }

        Sha256.Of(root.Path, swap.Path).Should().Equal(before);
        using (var machine = Open(root, swap))
        using (machine.Mount(machine.ChooseSystem(), MountOptions.ForWriting with { ForceHibernated = true }))
        {
            machine.Discarded.Select(volume => volume.Device).Should().Equal("/dev/sdb");
        }

        Tool.Run("blkid", "-p", "-o", "value", "-s", "TYPE", swap.Path).Trim().Should().Be("swap");
        var head = File.ReadAllBytes(swap.Path).AsSpan(4096 - 10, 10).ToArray();
        System.Text.Encoding.ASCII.GetString(head).Should().Be(kept.Length > 0 ? kept : "SWAPSPACE2");
    }

    [Fact]
    public void A_data_volume_with_a_damaged_file_is_named_and_the_rest_of_the_guest_goes_on()
    {
        var root = new DiskImage(_scratch, "a").Sized(Size).WithExt(0, Size, LinuxTree.Make(_scratch, string.Empty));
        var data = new DiskImage(_scratch, "b").Sized(Size).WithExt(0, Size, LinuxTree.Make(_scratch, string.Empty, "data"));

        // An inode that is no inode: ext4 says EFSCORRUPTED (EUCLEAN).
        Tool.Run("debugfs", "-w", "-R", "sif /etc/fstab links_count 0", data.Path);
        Tool.Run("debugfs", "-w", "-R", "sif /usr mode 0", data.Path);
        using var machine = Open(root, data);

        machine.ChooseSystem().Volume.Device.Should().Be("/dev/sda");
        machine.Unusable.Should().ContainSingle().Which.Should().Match<KeyValuePair<GuestVolume, string>>(failure => failure.Key.Device == "/dev/sdb" && failure.Value.Contains("damaged") && failure.Value.Contains("e2fsck"));
    }

    private GuestMachine Open(params DiskImage[] disks) => GuestMachine.Open([.. disks.Select(disk => GuestDiskSource.Raw(disk.Path))], _scratch.Path);
}
