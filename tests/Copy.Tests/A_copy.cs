using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy.Tests;

public sealed class A_copy
{
    [Fact]
    public void To_a_raw_file_is_sparse_where_the_source_is_zero()
    {
        using var work = new Workspace();
        var source = work.EmptyImage("source", 64 << 20);
        using (var file = File.OpenHandle(source, FileMode.Open, FileAccess.Write))
        {
            RandomAccess.Write(file, Enumerable.Repeat((byte)1, 1 << 20).ToArray(), 8 << 20);
            RandomAccess.Write(file, new byte[8 << 20], 32 << 20); // Allocated, but zero.
        }

        using var input = new NbdkitServer("--filter=cow", "file", source);
        var observer = Copy(Workspace.At(input), CopyEndpoint.File(work.Path("target")));
        Workspace.MustBeEqual(source, work.Path("target"), "it is a copy");
        Workspace.Allocated(work.Path("target")).Should().BeLessThanOrEqualTo(1 << 20);
        observer.Results.Single().Result.Written.Should().Be(1 << 20);
        observer.Results.Single().Result.Read.Should().Be(9 << 20);
    }

    [Fact]
    public void That_is_allocated_has_no_hole()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 16 << 20, new Random(1), 3, 1 << 20);
        using var input = new NbdkitServer("file", source);
        Copy(Workspace.At(input), CopyEndpoint.File(work.Path("target")), new CopySettings { Allocated = true });
        Workspace.MustBeEqual(source, work.Path("target"), "it is a copy");
        Workspace.Allocated(work.Path("target")).Should().BeGreaterThanOrEqualTo(16 << 20);
    }

    [Fact]
    public void To_a_file_that_was_full_leaves_nothing_of_it()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", (4 << 20) + 77, new Random(1), 3, 1 << 20);
        var target = work.RandomImage("target", 9 << 20, new Random(2), 50, 1 << 20);
        Copy(CopyEndpoint.File(source), CopyEndpoint.File(target));
        Workspace.MustBeEqual(source, target, "it is a copy");
    }

    [Fact]
    public void Tells_its_progress_to_the_end()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 32 << 20, new Random(1), 30, 1 << 20);
        var observer = Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target")));
        observer.Steps.Count.Should().BeGreaterThan(5);
        observer.Steps.Last().Done.Should().Be(32 << 20);
    }

    [Fact]
    public void Of_many_disks_copies_each()
    {
        using var work = new Workspace();
        var tasks = Enumerable.Range(0, 9).Select(i => new CopyTask(
            $"vd{(char)('a' + i)}",
            CopyEndpoint.File(work.RandomImage($"source{i}", (i * 3_000_000) + i, new Random(i), 20, 1 << 20)),
            CopyEndpoint.File(work.Path($"target{i}")))).ToList();
        var observer = new RecordingObserver();
        CopyEngine.Run(tasks, new CopySettings(), observer, CancellationToken.None);
        observer.Results.Should().HaveCount(9);
        foreach (var task in tasks) Workspace.MustBeEqual(task.Source.Path!, task.Target.Path!, task.Name);
    }

    [Fact]
    public void Of_a_slow_and_a_fast_disk_finishes_the_fast_one_first()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 8 << 20, new Random(1), 100, 1 << 20);
        using var slow = new NbdkitServer("--filter=delay", "--filter=noparallel", "file", source, "rdelay=40ms");
        using var fast = new NbdkitServer("file", source);
        var observer = new RecordingObserver();
        CopyTask[] tasks =
        [
            new("slow", Workspace.At(slow), CopyEndpoint.File(work.Path("target0"))),
            new("fast", Workspace.At(fast), CopyEndpoint.File(work.Path("target1"))),
        ];
        CopyEngine.Run(tasks, new CopySettings(), observer, CancellationToken.None);
        observer.Results.Select(r => r.Disk).Should().Equal("fast", "slow");
        Workspace.MustBeEqual(source, work.Path("target0"), "slow");
    }

    [Fact]
    public void To_a_qcow2_disk_uses_its_one_connection()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 16 << 20, new Random(1), 30, 1 << 20);
        using var target = new QemuNbdServer(work.Path("target.qcow2"), 16 << 20, work.Path("socket"));
        Copy(CopyEndpoint.File(source), CopyEndpoint.Server(NbdEndpoint.Unix(target.Socket)), new CopySettings { Connections = 4 });
        target.Dispose();
        Workspace.Run("qemu-img", "compare", "-f", "raw", "-F", "qcow2", source, work.Path("target.qcow2")).Should().Be(0);
        Workspace.Run("qemu-img", "check", work.Path("target.qcow2")).Should().Be(0);
    }

    internal static RecordingObserver Copy(CopyEndpoint source, CopyEndpoint target, CopySettings? settings = null)
    {
        var observer = new RecordingObserver();
        CopyEngine.Run([new CopyTask("vda", source, target)], settings ?? new CopySettings(), observer, CancellationToken.None);
        return observer;
    }
}
