namespace Hyper2Kvm.Copy.Tests;

public sealed class The_parts
{
    [Fact]
    public void Zero_runs_are_whole_blocks()
    {
        var data = new byte[10_000];
        data[5_000] = 1;
        var runs = new ZeroRuns(data, 4096);
        var seen = new List<(int, int, bool)>();
        while (runs.Next()) seen.Add((runs.Start, runs.Length, runs.IsZero));
        seen.Should().Equal((0, 4096, true), (4096, 4096, false), (8192, 1808, true));
    }

    [Fact]
    public void The_bandwidth_limit_lets_through_what_it_says()
    {
        var time = new SteppedTime();
        var bucket = new TokenBucket(1000, time);
        bucket.Take(100).Should().Be(TimeSpan.Zero);
        bucket.Take(500).Should().Be(TimeSpan.FromSeconds(0.5));
        time.Advance(TimeSpan.FromSeconds(0.5));
        bucket.Take(100).Should().Be(TimeSpan.FromSeconds(0.1));
        time.Advance(TimeSpan.FromHours(1));
        bucket.Take(100).Should().Be(TimeSpan.Zero, "an idle hour fills the bucket, no more");
        bucket.Take(1000).Should().Be(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void No_bandwidth_limit_never_waits() => new TokenBucket(0, TimeProvider.System).Take(long.MaxValue).Should().Be(TimeSpan.Zero);

    [Fact]
    public void Ranges_cover_a_disk_once_in_order_and_aligned()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var size = (ulong)random.NextInt64(1, 3L << 30);
            using var lane = new RandomExtents(random, size);
            var queue = new RangeQueue(size, 4096, 64 << 20, (_, _) => seed % 2 == 0);
            var position = 0UL;
            while (queue.Take(lane) is { } range)
            {
                ulong data = 0;
                foreach (var extent in range.Extents)
                {
                    extent.Offset.Should().Be(position);
                    extent.Length.Should().BeGreaterThan(0);
                    if (extent.IsZero) lane.IsZero(extent).Should().BeTrue($"seed {seed}: data at {extent} would be lost");
                    else data += extent.Length;
                    position = extent.End;
                    if (position != size) (position % 4096).Should().Be(0);
                }

                data.Should().BeLessThanOrEqualTo(64 << 20);
                if (seed % 2 != 0) range.Extents.Where(extent => extent.IsZero).Max(extent => (ulong?)extent.Length).GetValueOrDefault().Should().BeLessThanOrEqualTo(RangeQueue.MostZeroesToWrite);
            }

            position.Should().Be(size);
        }
    }
}
