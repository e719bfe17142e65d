using Hyper2Kvm.Copy.Step;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Copy.Tests;

public sealed class Copy_slots : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("copy-slots-").FullName;

    private JobCopy Two => new() { Slots = 2, SlotDirectory = Path.Combine(_directory, "slots") };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void No_more_disks_than_slots_are_copied_at_once_by_all_runs_together()
    {
        using var first = CopySlots.Take(Two, 1, CancellationToken.None);
        using var second = CopySlots.Take(Two, 4, CancellationToken.None);

        (first.Count, second.Count).Should().Be((1, 1), "a run that wants more takes what is free");
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var third = () => CopySlots.Take(Two, 1, patience.Token);
        third.Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public async Task A_slot_that_is_given_back_is_taken_by_the_one_that_waits()
    {
        var held = CopySlots.Take(Two, 2, CancellationToken.None);
        var waiting = Task.Run(() => CopySlots.Take(Two, 2, CancellationToken.None));

        held.Dispose();

        using var taken = await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        taken.Count.Should().Be(2);
    }

    [Fact]
    public void Without_a_limit_all_disks_go_at_once()
    {
        using var all = CopySlots.Take(new JobCopy(), 7, CancellationToken.None);

        all.Count.Should().Be(7);
    }
}
