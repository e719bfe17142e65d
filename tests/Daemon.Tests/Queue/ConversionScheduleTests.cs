using System.Collections.Concurrent;
using Hyper2Kvm.Daemon.Queue;

namespace Hyper2Kvm.Daemon.Tests.Queue;

public sealed class ConversionScheduleTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _scratch = new();

    private string Database => _scratch.File(JobStore.FileName);

    public ConversionScheduleTests() => JobStore.Open(Database).Dispose();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Jobs_begin_in_the_order_in_which_they_came_and_not_before_the_schedule_goes_on()
    {
        using var ran = new BlockingCollection<string>();
        await using var schedule = await ConversionSchedule.Open(Database, (id, cancel) => ran.Add(id, cancel), mostAtOnce: 1);
        var now = DateTimeOffset.UtcNow.AddMinutes(-5);
        foreach (var number in Enumerable.Range(1, 4))
        {
            await schedule.Add($"job-{number}", now.AddSeconds(number));
        }

        ran.Should().BeEmpty();
        await schedule.Resume();

        Enumerable.Range(1, 4).Select(_ => Take(ran)).Should().Equal("job-1", "job-2", "job-3", "job-4");
    }

    [Fact]
    public async Task No_more_run_at_once_than_they_may_also_after_a_change()
    {
        using var begun = new BlockingCollection<string>();
        using var go = new SemaphoreSlim(0);
        var (running, most) = (0, 0);
        var schedule = await ConversionSchedule.Open(
            Database,
            (id, cancel) =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                begun.Add(id, cancel);
                go.Wait(cancel);
                Interlocked.Decrement(ref running);
            },
            mostAtOnce: 2);
        await schedule.Resume();
        for (var number = 0; number < 8; number++)
        {
            await schedule.Add($"job-{number}", DateTimeOffset.UtcNow);
        }

        _ = (Take(begun), Take(begun));
        most.Should().Be(2);
        await schedule.Limit(3);
        go.Release(2);
        _ = (Take(begun), Take(begun), Take(begun));
        go.Release(6);
        _ = (Take(begun), Take(begun), Take(begun));
        most.Should().BeLessThanOrEqualTo(3);
        await schedule.DisposeAsync();
    }

    [Fact]
    public async Task What_waits_is_there_after_a_restart_and_what_was_removed_is_not()
    {
        await using (var first = await ConversionSchedule.Open(Database, (_, _) => { }, 1))
        {
            await first.Add("job-now", DateTimeOffset.UtcNow);
            await first.Add("job-later", DateTimeOffset.UtcNow.AddHours(1));
            await first.Add("job-gone", DateTimeOffset.UtcNow);
            await first.Remove("job-gone");
        }

        using var ran = new BlockingCollection<string>();
        await using var second = await ConversionSchedule.Open(Database, (id, cancel) => ran.Add(id, cancel), 1);
        (await second.Has("job-later"), await second.Has("job-gone")).Should().Be((true, false));
        await second.Resume();

        Take(ran).Should().Be("job-now");
    }

    [Fact]
    public async Task The_end_waits_for_what_runs()
    {
        using var begun = new ManualResetEventSlim();
        var ended = false;
        var schedule = await ConversionSchedule.Open(
            Database,
            (_, cancel) =>
            {
                begun.Set();
                cancel.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(200));
                ended = true;
            },
            1);
        await schedule.Add("job-1", DateTimeOffset.UtcNow);
        await schedule.Resume();
        begun.Wait(Patience).Should().BeTrue();

        await schedule.DisposeAsync();

        ended.Should().BeTrue();
    }

    private static string Take(BlockingCollection<string> ran) => ran.TryTake(out var id, Patience) ? id : throw new TimeoutException("no job began");

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen && Interlocked.CompareExchange(ref most, value, seen) != seen; seen = Volatile.Read(ref most))
        {
        }
    }
}
