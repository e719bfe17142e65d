namespace Hyper2Kvm.Copy.Tests;

/// <summary>Source and target are files of one file system: it shares their blocks if it can.</summary>
public sealed class A_copy_within_a_file_system
{
    /// <summary>An odd size, holes, zeroes that are written, and a target that was longer.</summary>
    private const int Size = (48 << 20) + 77;

    private const ulong Step = 10 << 20;

    [Theory]
    [InlineData("btrfs", "")]
    [InlineData("xfs", "")]
    [InlineData("btrfs", "--bandwidth 1k")]
    [InlineData("xfs", "--no-direct --connections 4")]
    public void Shares_blocks_and_writes_none(string type, string options)
    {
        using var work = new Workspace();
        work.RandomImage("source", Size, new Random(1), 60, 2 << 20);
        var output = MountedImages.Run(work, [type], $"""
            cp source {type}/source
            head -c 60000000 /dev/urandom > {type}/target
            "$COPY" {type}/source {type}/target {options} --progress-fd 3 3>progress
            cmp source {type}/target
            qemu-img compare -f raw -F raw source {type}/target >&2
            filefrag -sv {type}/target
            """);
        Extents(output).Should().NotBeEmpty().And.OnlyContain(extent => extent.Contains("shared", StringComparison.Ordinal));
        File.ReadAllLines(work.Path("progress"))[^1].Should().Be("100/100");
    }

    [Theory]
    [InlineData("btrfs")]
    [InlineData("xfs")]
    public void Leaves_the_source_as_it_is_when_the_target_is_written(string type)
    {
        using var work = new Workspace();
        work.RandomImage("source", Size, new Random(1), 60, 2 << 20);
        MountedImages.Run(work, [type], $"""
            cp source {type}/source
            "$COPY" {type}/source {type}/target
            dd if=/dev/urandom of={type}/target bs=1M count=30 conv=notrunc status=none
            cmp source {type}/source
            """);
    }

    [Theory]
    [InlineData("btrfs")]
    [InlineData("xfs")]
    public void Needs_no_room_for_what_is_shared(string type)
    {
        using var work = new Workspace();
        MountedImages.Run(work, [type], $"""
            head -c 120M /dev/urandom > {type}/source
            head -c 70M /dev/urandom > {type}/other
            "$COPY" {type}/source {type}/target {type}/source {type}/second
            cmp {type}/source {type}/target
            cmp {type}/source {type}/second
            """);
    }

    [Theory]
    [InlineData("btrfs")]
    [InlineData("xfs")]
    public void That_shall_be_allocated_has_blocks_of_its_own(string type)
    {
        using var work = new Workspace();
        work.RandomImage("source", Size, new Random(1), 60, 2 << 20);
        var output = MountedImages.Run(work, [type], $"""
            cp source {type}/source
            "$COPY" {type}/source {type}/target --allocated
            cmp source {type}/target
            filefrag -sv {type}/target
            """);
        Extents(output).Should().NotBeEmpty().And.NotContain(extent => extent.Contains("shared", StringComparison.Ordinal));
    }

    /// <summary>EXDEV, EOPNOTSUPP, EINVAL (only one of the files has checksums), and blocks that are no whole ones.</summary>
    [Theory]
    [InlineData("btrfs", "xfs", "true")]
    [InlineData("xfs", "btrfs", "true")]
    [InlineData("ext4", "ext4", "true")]
    [InlineData("btrfs", "btrfs", "chattr +C btrfs/to")]
    [InlineData("btrfs", "btrfs", "mount -o remount,compress-force=zstd btrfs")]
    public void That_cannot_share_is_a_copy_all_the_same(string from, string to, string first)
    {
        using var work = new Workspace();
        work.RandomImage("source", Size, new Random(1), 60, 2 << 20);
        File.WriteAllText(work.Path("tiny"), "Held in the tree of btrfs, not in a block.");
        string[] types = [.. new[] { from, to }.Distinct()];
        MountedImages.Run(work, types, $"""
            mkdir {from}/from {to}/to
            {first}
            cp source tiny {from}/from
            "$COPY" {from}/from/source {to}/to/target {from}/from/tiny {to}/to/tiny
            cmp source {to}/to/target
            cmp tiny {to}/to/tiny
            qemu-img compare -f raw -F raw source {to}/to/target >&2
            """);
    }

    /// <summary>What a file server does for NFS 4.2, SMB and Ceph; any file system does it somehow.</summary>
    [Fact]
    public void May_be_left_to_a_file_server()
    {
        using var work = new Workspace();
        var (source, target) = (work.RandomImage("source", Size, new Random(1), 60, 2 << 20), work.EmptyImage("target", Size));
        using (var from = File.OpenHandle(source))
        using (var to = File.OpenHandle(target, FileMode.Open, FileAccess.ReadWrite))
        {
            var copy = new FileSystemCopy(to, serverCopies: true);
            for (ulong at = 0; at < Size; at += Step) copy.TryCopy(from, at, Math.Min(Step, Size - at)).Should().BeTrue();
        }

        Workspace.MustBeEqual(source, target, "all of it was copied");
    }

    [Fact]
    public void Whose_source_has_become_shorter_is_left_to_reading_which_tells_it()
    {
        using var work = new Workspace();
        using var from = File.OpenHandle(work.RandomImage("source", Size, new Random(1), 60, 2 << 20));
        using var to = File.OpenHandle(work.EmptyImage("target", Size + (1 << 20)), FileMode.Open, FileAccess.ReadWrite);
        var copy = new FileSystemCopy(to, serverCopies: true);
        copy.TryCopy(from, Size - 77, 4096).Should().BeFalse();
        copy.TryCopy(from, 0, Step).Should().BeFalse("it is not tried again");
    }

    [Fact]
    public void Is_no_business_of_the_file_system_where_that_takes_longer()
    {
        using var work = new Workspace();
        var output = MountedImages.Run(work, ["ext4"], """
            head -c 20M /dev/urandom > ext4/source
            strace -f -o trace -e trace=copy_file_range,ioctl "$COPY" ext4/source ext4/target
            grep -c FICLONERANGE trace
            grep -c copy_file_range trace || true
            """);
        output.Split().Where(word => word.Length > 0).Should().Equal(["1", "0"], "asked once, then read and written");
    }

    /// <summary>The extents of "filefrag -v": lines that begin with a number and a colon.</summary>
    private static List<string> Extents(string output) => [.. output.Split('\n').Where(line => line.Split(':')[0].Trim() is { Length: > 0 } number && number.All(char.IsDigit))];
}
