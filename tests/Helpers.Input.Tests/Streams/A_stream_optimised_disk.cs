using Hyper2Kvm.Helpers.Input.Streams;
using Hyper2Kvm.Helpers.Input.Tests.Support;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Helpers.Input.Tests.Streams;

public sealed class A_stream_optimised_disk : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly GrainCache _cache = new(1 << 20);

    public void Dispose()
    {
        _cache.Dispose();
        _scratch.Dispose();
    }

    [Theory]
    [InlineData(1, 128, 128)]
    [InlineData(2, 1, 128)]
    [InlineData(3, 129, 128)]
    [InlineData(4, 70_001, 128)]
    [InlineData(5, 65_536, 128)]
    [InlineData(6, 12_345, 8)]
    [InlineData(7, 33_333, 512)]
    [InlineData(8, 8191, 16)]
    public void Of_VMware_reads_as_QEMU_reads_it(int seed, long capacity, int grainSize)
    {
        var path = _scratch.In("disk.vmdk");
        new VmwareStream { Capacity = capacity, GrainSize = grainSize, Grain = new RandomDisk(seed, capacity, grainSize).Grain }.Write(path);
        ReadsAs(path, _scratch.ReadByQemu(path), seed);
    }

    [Theory]
    [InlineData(11, 1 << 20)]
    [InlineData(12, (40 << 20) + 512)]
    [InlineData(13, (70 << 20) - 65_536 + 1024)]
    public void Of_QEMU_reads_as_QEMU_reads_it(int seed, int bytes)
    {
        var random = new Random(seed);
        var content = new byte[bytes];
        for (var i = 0; i < 20; i++)
        {
            var start = random.Next(bytes);
            random.NextBytes(content.AsSpan(start, random.Next(Math.Min(200_000, bytes - start))));
        }

        File.WriteAllBytes(_scratch.In("raw"), content);
        ScratchDirectory.Run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", _scratch.In("raw"), _scratch.In("disk.vmdk"));
        ReadsAs(_scratch.In("disk.vmdk"), content, seed);
    }

    [Fact]
    public void That_is_empty_is_one_hole()
    {
        var path = _scratch.In("disk.vmdk");
        new VmwareStream { Capacity = 4 << 21, Grain = _ => null }.Write(path);
        using var disk = StreamOptimizedDisk.TryOpen(path, _cache)!;
        disk.ExtentAt(0, disk.Size).Should().Be(new NbdExtent(0, 4UL << 30, 3));
        var data = new byte[70_000];
        data.AsSpan().Fill(1);
        disk.Read((4UL << 30) - 70_000, data);
        data.Should().OnlyContain(b => b == 0);
    }

    [Fact]
    public void Has_holes_where_grains_are_missing_or_zeros_and_nowhere_else()
    {
        var path = _scratch.In("disk.vmdk");
        var data = new byte[65536];
        data[7] = 1;
        new VmwareStream { Capacity = 128 * 2000, Grain = grain => grain switch { 3 or 4 or 1800 => data, 5 => [], 6 => new byte[65536], _ => null } }.Write(path);
        using var disk = StreamOptimizedDisk.TryOpen(path, _cache)!;
        var extents = new List<(ulong, ulong, bool)>();
        for (var offset = 0UL; offset < disk.Size; offset += extents[^1].Item2)
        {
            var extent = disk.ExtentAt(offset, disk.Size);
            extents.Add((offset / 65536, extent.Length, extent.IsZero));
        }

        extents.Select(extent => (extent.Item1, extent.Item2 / 65536, extent.Item3)).Should().Equal(
            (0, 3, true), (3, 2, false), (5, 1, true), (6, 1, false), (7, 1793, true), (1800, 1, false), (1801, 199, true));
    }

    [Fact]
    public void Inflates_a_grain_once_that_is_read_in_pieces()
    {
        var path = _scratch.In("disk.vmdk");
        var stream = new VmwareStream { Capacity = 128, Grain = new RandomDisk(2, 128, 128).Grain };
        stream.Write(path);
        using var disk = StreamOptimizedDisk.TryOpen(path, _cache)!;
        var before = new byte[4096];
        disk.Read(0, before);

        // Whoever went to the file again would find this.
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write))
        {
            RandomAccess.Write(file, new byte[4096], stream.Places.GetValueOrDefault(0) * 512L);
        }

        var after = new byte[4096];
        disk.Read(0, after);
        after.Should().Equal(before);
        disk.Read(61_440, after);
    }

    [Fact]
    public void Is_read_by_many_threads_in_pieces_that_overlap()
    {
        var path = _scratch.In("disk.vmdk");
        new VmwareStream { Capacity = 40_000, Grain = new RandomDisk(21, 40_000, 128).Grain }.Write(path);
        var expected = _scratch.ReadByQemu(path);
        using var disk = StreamOptimizedDisk.TryOpen(path, _cache)!;
        Parallel.For(0, 8, thread =>
        {
            var random = new Random(thread);
            for (var i = 0; i < 200; i++)
            {
                var data = new byte[random.Next(1, 300_000)];
                var offset = random.Next(expected.Length - data.Length);
                disk.Read((ulong)offset, data);
                data.AsSpan().SequenceEqual(expected.AsSpan(offset, data.Length)).Should().BeTrue();
            }
        });
    }

    [Fact]
    public void Shares_its_cache_with_others_and_never_their_grains()
    {
        string[] paths = [_scratch.In("one.vmdk"), _scratch.In("two.vmdk")];
        for (byte i = 0; i < 2; i++)
        {
            var value = (byte)(i + 1);
            new VmwareStream { Capacity = 128 * 40, Grain = _ => [.. Enumerable.Repeat(value, 65536)] }.Write(paths[i]);
        }

        using var one = StreamOptimizedDisk.TryOpen(paths[0], _cache)!;
        using var two = StreamOptimizedDisk.TryOpen(paths[1], _cache)!;
        var data = new byte[100];
        for (var round = 0; round < 2; round++)
        {
            // More grains than the cache has room for: all of them leave it once.
            for (var grain = 0UL; grain < 40; grain++)
            {
                one.Read((grain * 65536) + 5, data);
                data.Should().OnlyContain(b => b == 1);
                two.Read((grain * 65536) + 5, data);
                data.Should().OnlyContain(b => b == 2);
            }
        }
    }

    [Fact]
    public void With_grains_too_large_for_each_thread_to_keep_is_left_to_QEMU()
    {
        var path = _scratch.In("disk.vmdk");
        new VmwareStream { Capacity = 4096, GrainSize = 2048, Grain = _ => null }.Write(path);
        StreamOptimizedDisk.TryOpen(path, _cache).Should().BeNull();
    }

    /// <summary>Whole, in pieces of any place and length, and by its extents.</summary>
    private void ReadsAs(string path, byte[] expected, int seed)
    {
        using var disk = StreamOptimizedDisk.TryOpen(path, _cache)!;
        disk.Size.Should().Be((ulong)expected.Length);
        var whole = new byte[expected.Length];
        disk.Read(0, whole);
        whole.AsSpan().SequenceEqual(expected).Should().BeTrue("the whole disk is the same");
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var part = new byte[random.Next(1, Math.Min(200_000, expected.Length + 1))];
            var offset = random.Next(expected.Length - part.Length + 1);
            disk.Read((ulong)offset, part);
            part.AsSpan().SequenceEqual(expected.AsSpan(offset, part.Length)).Should().BeTrue($"{part.Length} bytes at {offset}");
        }

        for (var offset = 0UL; offset < disk.Size;)
        {
            var extent = disk.ExtentAt(offset, disk.Size);
            extent.Offset.Should().Be(offset);
            extent.Length.Should().BePositive();
            extent.End.Should().BeLessThanOrEqualTo(disk.Size);
            if (extent.IsZero)
            {
                expected.AsSpan((int)offset, (int)extent.Length).ContainsAnyExcept((byte)0).Should().BeFalse();
            }

            offset = extent.End;
        }
    }
}
