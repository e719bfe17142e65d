using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Checking;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Mounting;

/// <summary>File systems looked through by their own tools.</summary>
public sealed class FileSystemCheckTests : IDisposable
{
    private const long MiB = DiskImage.MiB;
    private static readonly TimeSpan Ample = TimeSpan.FromMinutes(2);

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Sound_file_systems_of_every_kind_are_clean_and_nothing_is_written()
    {
        var disk = FourKinds();
        var before = Tool.Run("sha256sum", disk.Path);

        Check(disk, Ample).Select(report => (report.Volume.Content, report.State, report.Note)).Should().Equal(
            ("ext4", FileSystemState.Clean, null), ("xfs", FileSystemState.Clean, null), ("btrfs", FileSystemState.Clean, null), ("vfat", FileSystemState.Clean, null));

        Tool.Run("sha256sum", disk.Path).Should().Be(before);
        HostState.Mounts().Should().NotContain(_scratch.Path);
    }

    [Theory]
    [InlineData("ext4", "e2fsck -f")]
    [InlineData("xfs", "xfs_repair")]
    [InlineData("btrfs", "btrfs scrub")]
    [InlineData("vfat", "fsck.fat -a")]
    public void Damage_is_told_with_what_repairs_it(string kind, string remedy)
    {
        var disk = FourKinds();
        Damage(disk.Path, kind);

        var report = Check(disk, Ample).Single(one => one.Volume.Content == kind);

        report.State.Should().Be(FileSystemState.Errors, report.Note);
        report.Note.Should().NotContain("/dev/loop").And.NotBeEmpty();
        report.Remedy.Should().Contain(remedy);
    }

    [Fact]
    public void What_the_guests_kernel_noted_itself_is_known()
    {
        var disk = FourKinds();
        Tool.Run("debugfs", "-w", "-R", "ssv state 3", $"{disk.Path}?offset={MiB}");

        Check(disk, Ample).Select(report => report.IsFlagged).Should().Equal(true, false, false, false);
    }

    [Fact]
    public void When_the_time_is_over_the_rest_is_said_to_be_unchecked()
        => Check(FourKinds(), TimeSpan.Zero).Should().HaveCount(4).And.OnlyContain(report => report.State == FileSystemState.Unfinished && report.Note!.Contains("were over"));

    [Fact]
    public void A_tool_is_stopped_when_the_time_is_over()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var disk = FourKinds();
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path, readOnly: true)], _scratch.Path);

        machine.Invoking(opened => opened.CheckFileSystems(opened.Volumes, Ample, stop.Token)).Should().Throw<OperationCanceledException>();
    }

    [Theory]
    [InlineData("Pass 1: Checking inodes\nInode 12 is wrong.  Fix? no\n\n/dev/loop3: ********** WARNING\n", "Inode 12 is wrong.  Fix? no; /dev/sda1: ********** WARNING")]
    [InlineData("one\ntwo\nthree\nfour\n", "one; two; three …")]
    public void The_first_things_that_a_tool_found_are_told(string output, string summary)
        => FileSystemTool.Summary(output, "/dev/loop3", "/dev/sda1").Should().Be(summary);

    private IReadOnlyList<FileSystemReport> Check(DiskImage disk, TimeSpan budget)
    {
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path, readOnly: true)], _scratch.Path);
        return machine.CheckFileSystems(machine.Volumes, budget, CancellationToken.None);
    }

    private DiskImage FourKinds()
        => new DiskImage(_scratch, "a").Sized(600 * MiB)
            .Partitioned("label: gpt\nstart=1MiB, size=32MiB\nstart=40MiB, size=310MiB\nstart=360MiB, size=130MiB\nstart=500MiB, size=40MiB\n")
            .WithExt(MiB, 32 * MiB, LinuxTree.Make(_scratch, string.Empty)).WithXfs(40 * MiB, 310 * MiB).WithBtrfs(360 * MiB, 130 * MiB).WithFat(500 * MiB, 40 * MiB);

    /// <summary>Damage that leaves the superblock as it is.</summary>
    private static void Damage(string disk, string kind)
    {
        switch (kind)
        {
            case "ext4":
                Tool.Run("debugfs", "-w", "-R", "clri /etc/fstab", $"{disk}?offset={MiB}");
                break;
            case "xfs":
                // The free-space B-tree of the first allocation group, in block 1 (xfs_db: agf 0, bnoroot).
                Write(disk, (40 * MiB) + 4096, 512);
                break;
            case "btrfs":
                // All metadata behind the first superblock.
                Write(disk, (360 * MiB) + (5 * MiB), (int)(50 * MiB));
                break;
            default:
                // The second FAT no longer is what the first is.
                Write(disk, (500 * MiB) + (60 * 1024), 4096);
                break;
        }
    }

    private static void Write(string disk, long offset, int length)
    {
        using var file = File.Open(disk, FileMode.Open);
        file.Position = offset;
        file.Write(Enumerable.Repeat((byte)0x5A, length).ToArray());
    }
}
