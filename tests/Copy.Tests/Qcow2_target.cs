using System.Text.Json;
using Hyper2Kvm.Copy.Qcow2;

namespace Hyper2Kvm.Copy.Tests;

public sealed class Qcow2_target
{
    private const long Tebibyte = 1L << 40;

    [Theory]
    [InlineData(512, false)]
    [InlineData(64 << 10, false)]
    [InlineData(64 << 10, true)]
    [InlineData(2 << 20, true)]
    public void Is_what_qemu_img_calls_compat_1_1_with_the_size_and_clusters_asked_for(int cluster, bool compressed)
    {
        using var work = new Workspace();
        var source = Qcow2Source.Mixed(work, "source", (9 << 20) + 100, new Random(1), 40, 1 << 20);
        A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target")), Qcow2Files.Settings(cluster, compressed));

        Qcow2Files.MustBeWhole(source, work.Path("target"), "it is a copy");
        var info = JsonDocument.Parse(Qcow2Files.Info(work.Path("target"))).RootElement;
        info.GetProperty("virtual-size").GetInt64().Should().Be((9 << 20) + 512, "a disk is whole sectors");
        info.GetProperty("cluster-size").GetInt32().Should().Be(cluster);
        info.GetProperty("dirty-flag").GetBoolean().Should().BeFalse();
        var details = info.GetProperty("format-specific").GetProperty("data");
        details.GetProperty("compat").GetString().Should().Be("1.1");
        details.GetProperty("refcount-bits").GetInt32().Should().Be(16);
        details.GetProperty("corrupt").GetBoolean().Should().BeFalse();
        File.GetUnixFileMode(work.Path("target")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, "nobody else reads a guest's disk");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(65537)]
    [InlineData(3 << 20)]
    public void Of_nothing_but_zeroes_has_no_cluster_of_data(long size)
    {
        using var work = new Workspace();
        var source = work.EmptyImage("source", size);
        if (size > 0)
        {
            using var file = File.OpenHandle(source, FileMode.Open, FileAccess.Write);
            RandomAccess.Write(file, new byte[size], 0); // Allocated, but zero.
        }

        foreach (var compressed in new[] { false, true })
        {
            A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target")), Qcow2Files.Settings(compressed: compressed));
            Qcow2Files.MustBeWhole(source, work.Path("target"), $"{size} bytes");
            new FileInfo(work.Path("target")).Length.Should().BeLessThanOrEqualTo(4 * 65536, "header, L1 table, refcount table and block are all");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_a_sparse_tebibyte_takes_time_and_space_by_its_data(bool compressed)
    {
        using var work = new Workspace();
        var source = Qcow2Source.Mixed(work, "source", Tebibyte - 512, new Random(2), 1000, 100_000);
        A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target")), Qcow2Files.Settings(compressed: compressed));

        Qcow2Files.MustBeWhole(source, work.Path("target"), "it is a copy");
        new FileInfo(work.Path("target")).Length.Should().BeLessThan(1L << 30, "L2 tables are made where there is data only");
    }

    [Fact]
    public void Whose_tables_do_not_fit_into_memory_writes_them_out_and_reads_them_again()
    {
        // An L2 table of 2 MiB clusters is for 512 GiB: two of the sixteen are in memory.
        using var work = new Workspace();
        var random = new Random(3);
        var model = work.EmptyImage("model", 8 * Tebibyte);
        using (var file = File.OpenHandle(model, FileMode.Open, FileAccess.Write))
        using (var disk = new Qcow2TargetDisk(work.Path("target"), Qcow2Files.Settings(2 << 20), 8UL << 40))
        {
            var lane = disk.OpenLane();
            for (var i = 0; i < 100; i++)
            {
                var offset = random.NextInt64(8 * Tebibyte / 4096) * 4096;
                var data = Qcow2Source.Data(random, 4096);
                RandomAccess.Write(file, data, offset);
                lane.Write((ulong)offset, data);
            }

            disk.Complete();
        }

        Qcow2Files.MustBeWhole(model, work.Path("target"), "all of its tables were written");
        Workspace.Allocated(work.Path("target")).Should().BeLessThan(60L << 20, "large clusters with little in them are holes for the rest");
    }

    [Fact]
    public void That_is_preallocated_has_all_its_clusters_and_space()
    {
        using var work = new Workspace();
        var source = Qcow2Source.Mixed(work, "source", 40 << 20, new Random(4), 10, 1 << 20);
        A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target")), Qcow2Files.Settings() with { Allocated = true });

        Qcow2Files.MustBeWhole(source, work.Path("target"), "it is a copy");
        Workspace.Allocated(work.Path("target")).Should().BeGreaterThanOrEqualTo(40 << 20);
        JsonDocument.Parse(Qcow2Files.Check(work.Path("target"))).RootElement.GetProperty("allocated-clusters").GetInt32().Should().Be(40 * 16);
    }

    [Fact]
    public void That_is_compressed_is_about_as_small_as_qemu_img_makes_it()
    {
        using var work = new Workspace();
        var source = Qcow2Source.Mixed(work, "source", 64 << 20, new Random(5), 60, 2 << 20);
        A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target")), Qcow2Files.Settings(compressed: true));
        Workspace.Run("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", source, work.Path("theirs")).Should().Be(0);

        Qcow2Files.MustBeWhole(source, work.Path("target"), "it is a copy");
        JsonDocument.Parse(Qcow2Files.Check(work.Path("target"))).RootElement.GetProperty("compressed-clusters").GetInt32().Should().BePositive();
        Workspace.Allocated(work.Path("target")).Should().BeLessThan(Workspace.Allocated(work.Path("theirs")) * 11 / 10);
    }

    [Fact]
    public void Of_each_of_many_disks_is_whole()
    {
        using var work = new Workspace();
        var tasks = Enumerable.Range(0, 9).Select(i => new CopyTask(
            $"vd{(char)('a' + i)}",
            CopyEndpoint.File(Qcow2Source.Mixed(work, $"source{i}", (i * 3_000_000) + i, new Random(i), 20, 1 << 20)),
            CopyEndpoint.File(work.Path($"target{i}")))).ToList();
        CopyEngine.Run(tasks, Qcow2Files.Settings(compressed: true), new RecordingObserver(), CancellationToken.None);
        foreach (var task in tasks) Qcow2Files.MustBeWhole(task.Source.Path!, task.Target.Path!, task.Name);
    }

    [Fact]
    public void Over_a_file_that_was_full_leaves_nothing_of_it()
    {
        using var work = new Workspace();
        var source = Qcow2Source.Mixed(work, "source", 5 << 20, new Random(6), 20, 1 << 20);
        var target = work.RandomImage("target", 9 << 20, new Random(2), 50, 1 << 20);
        A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(target), Qcow2Files.Settings(2 << 20));
        Qcow2Files.MustBeWhole(source, target, "it is a copy");
    }

    [Fact]
    public void May_be_written_by_a_guest_afterwards_and_stays_clean()
    {
        using var work = new Workspace();
        var source = Qcow2Source.Mixed(work, "source", 16 << 20, new Random(7), 20, 1 << 20);
        A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target")), Qcow2Files.Settings(compressed: true));
        foreach (var (format, path) in new[] { ("raw", source), ("qcow2", work.Path("target")) })
        {
            Workspace.Run("qemu-io", "-f", format, "-c", "write -P 7 100k 9M", "-c", "discard 12M 1M", "-c", "write -P 8 12M 1M", path).Should().Be(0);
        }

        Qcow2Files.MustBeWhole(source, work.Path("target"), "QEMU allocates and frees in it");
    }
}
