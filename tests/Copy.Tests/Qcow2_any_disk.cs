using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>Properties: whatever the extents, sizes, clusters and settings, qemu-img finds the image clean and equal to its source.</summary>
public sealed class Qcow2_any_disk
{
    private const int Seed = 1815;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(Seed, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    [Trait("speed", "slow")]
    public void Becomes_an_equal_image(int seed)
    {
        var random = new Random(seed);
        using var work = new Workspace();
        var size = random.Next(6) == 0 ? random.Next(0, 5000) : random.NextInt64(1, 64 << 20);
        if (random.Next(2) == 0) size = size / 512 * 512;
        var source = Qcow2Source.Mixed(work, "source", size, random, random.Next(0, 60), random.Next(1, 3 << 20));
        var compressed = random.Next(2) == 0;
        var settings = new CopySettings
        {
            Qcow2 = new Qcow2Options { ClusterBytes = 512 << random.Next(0, 13), Compressed = compressed },
            Connections = random.Next(0, 4),
            RequestSize = random.Next(3) switch { 0 => 0, 1 => 64 << 10, _ => 1 << 18 },
            Depth = random.Next(0, 9),
            Allocated = !compressed && random.Next(4) == 0,
            Direct = random.Next(3) != 0,
            Flush = random.Next(2) == 0,
        };
        var because = $"seed {seed}: {size} bytes, {settings}";
        using var input = random.Next(3) switch
        {
            0 => null,
            1 => new NbdkitServer("--filter=cow", "file", source),
            _ => new NbdkitServer(random.Next(2) == 0 ? "--filter=noextents" : "--filter=noparallel", "-r", "file", source),
        };

        A_copy.Copy(input is null ? CopyEndpoint.File(source) : Workspace.At(input), CopyEndpoint.File(work.Path("target")), settings);

        Qcow2Files.MustBeWhole(source, work.Path("target"), because);
    }

    /// <summary>Below the engine, which asks for whole clusters: pieces of any size, in any order, over each other, by several lanes at once.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Takes_pieces_of_any_size_in_any_order_more_than_once(int seed)
    {
        var random = new Random(seed);
        using var work = new Workspace();
        var size = random.NextInt64(1, 16 << 20) / 512 * 512;
        var cluster = 512 << random.Next(0, 13);
        var model = work.EmptyImage("model", size);
        using (var file = File.OpenHandle(model, FileMode.Open, FileAccess.Write))
        using (var disk = new Qcow2.Qcow2TargetDisk(work.Path("target"), Qcow2Files.Settings(cluster), (ulong)size))
        {
            var lanes = new[] { disk.OpenLane(), disk.OpenLane(), disk.OpenLane() };
            for (var i = 0; i < 200 && size > 0; i++)
            {
                var offset = random.NextInt64(size);
                var data = Qcow2Source.Data(random, (int)Math.Min(random.Next(1, 1 << random.Next(1, 20)), size - offset));
                RandomAccess.Write(file, data, offset);
                lanes[random.Next(lanes.Length)].Write((ulong)offset, data);
            }

            foreach (var lane in lanes) lane.Drain();
            disk.Complete();
        }

        Qcow2Files.MustBeWhole(model, work.Path("target"), $"seed {seed}: {size} bytes in clusters of {cluster}");
    }

    /// <summary>A range that is copied anew after its source was lost: whole clusters come twice, as other data perhaps.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Takes_whole_clusters_again_when_it_is_compressed(int seed)
    {
        var random = new Random(seed);
        using var work = new Workspace();
        var cluster = 512 << random.Next(0, 13);
        var clusters = random.Next(1, 60);
        var size = (clusters * (long)cluster) - (random.Next(2) * 512 * random.Next(0, Math.Max(1, cluster / 512)));
        var model = work.EmptyImage("model", size);
        using (var file = File.OpenHandle(model, FileMode.Open, FileAccess.Write))
        using (var disk = new Qcow2.Qcow2TargetDisk(work.Path("target"), Qcow2Files.Settings(cluster, compressed: true), (ulong)size))
        {
            var lanes = new[] { disk.OpenLane(), disk.OpenLane() };
            for (var i = 0; i < 80; i++)
            {
                var first = random.Next(clusters);
                var offset = first * (long)cluster;
                var data = new byte[Math.Min(random.Next(1, Math.Min(5, clusters - first) + 1) * (long)cluster, size - offset)];
                for (var at = 0; at < data.Length; at += cluster) Qcow2Source.Data(random, Math.Min(cluster, data.Length - at)).CopyTo(data, at);
                RandomAccess.Write(file, data, offset);
                var lane = lanes[random.Next(lanes.Length)];
                lane.Write((ulong)offset, data);
                if (random.Next(4) == 0) lane.Drain();
            }

            foreach (var lane in lanes) lane.Drain();
            disk.Complete();
        }

        Qcow2Files.MustBeWhole(model, work.Path("target"), $"seed {seed}: {size} bytes in clusters of {cluster}");
    }
}
