using Hyper2Kvm.Guest.Tests.Fixtures;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Luks;

namespace Hyper2Kvm.Guest.Tests.Volumes.Luks;

public sealed class DerivationTests
{
    [Fact]
    public void All_containers_of_a_guest_share_one_budget_of_time()
    {
        var clock = new ImmediateClock();
        var budget = new DerivationBudget(clock, CancellationToken.None);
        byte[]? Spend(TimeSpan time) => budget.Spend(() =>
        {
            clock.Advance(time);
            return null;
        });

        Spend(DerivationBudget.Most - TimeSpan.FromSeconds(1)).Should().BeNull();
        Spend(TimeSpan.FromSeconds(2)).Should().BeNull();
        FluentActions.Invoking(() => Spend(TimeSpan.Zero)).Should().Throw<VolumeProblem>().WithMessage("*5 minutes in all*--key UUID*");
    }

    [Fact]
    public void What_is_cancelled_derives_no_further_key()
        => FluentActions.Invoking(() => new DerivationBudget(TimeProvider.System, new CancellationToken(canceled: true)).Spend(() => throw new InvalidOperationException())).Should().Throw<OperationCanceledException>();

    [Fact]
    public void More_memory_than_the_host_has_is_the_problem_of_the_volume()
        => FluentActions.Invoking(() => Argon2.Derive(Argon2Type.Id, "x"u8, "saltsalt"u8, 1, uint.MaxValue, 1, 32)).Should().Throw<VolumeProblem>().WithMessage("*4194303 MiB of memory*");

    [Fact]
    public void A_slot_of_an_unknown_hash_is_passed_over_where_another_is_left()
    {
        var sample = LuksSample.Load("luks2").With("\"hash\":\"sha256\"},\"area\":{\"type\":\"raw\",\"offset\":\"32768\"", "\"hash\":\"whirlpool\"},\"area\":{\"type\":\"raw\",\"offset\":\"32768\"");

        LuksHeader.Read(sample.Reader()).Slots.Select(slot => slot.Number).Should().Equal(1);
    }
}
