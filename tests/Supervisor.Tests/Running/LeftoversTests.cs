using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Supervisor.Running;

namespace Hyper2Kvm.Supervisor.Tests.Running;

public sealed class LeftoversTests : IDisposable
{
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("hyper2kvm-test-");

    public void Dispose() => _scratch.Delete(recursive: true);

    [Fact]
    public void A_directory_that_only_happens_to_hold_a_lock_is_not_removed()
    {
        // As /var/lib/dpkg does.
        File.WriteAllText(Path.Combine(_scratch.FullName, "lock"), string.Empty);

        var cleaning = () => Leftovers.RemoveNamed(_scratch.FullName, _ => { });

        cleaning.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.Usage).WithMessage($"*{_scratch.FullName}*");
        File.Exists(Path.Combine(_scratch.FullName, "lock")).Should().BeTrue();
    }

    [Fact]
    public void A_run_that_is_alive_is_not_touched_even_when_it_is_named()
    {
        var work = WorkDirectory.CreateUnder(_scratch.FullName, out var owned);
        using var owner = owned;
        work.HoldShared().Dispose();

        var cleaning = () => Leftovers.RemoveNamed(work.Path, _ => { });

        cleaning.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.Cleanup);
        Directory.Exists(work.Path).Should().BeTrue();
    }

    [Fact]
    public void What_a_dead_run_left_is_removed_and_what_was_to_be_kept_stays()
    {
        var dead = WorkDirectory.CreateUnder(_scratch.FullName, out var deadOwner);
        var kept = WorkDirectory.CreateUnder(_scratch.FullName, out var keptOwner);
        kept.Keep();
        deadOwner.Dispose();
        keptOwner.Dispose();

        Leftovers.RemoveOrphans(_scratch.FullName, _ => { });

        Directory.Exists(dead.Path).Should().BeFalse();
        Directory.Exists(kept.Path).Should().BeTrue();
    }
}
