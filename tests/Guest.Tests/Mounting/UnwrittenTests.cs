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
}
