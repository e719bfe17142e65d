using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Work;

namespace Hyper2Kvm.Core.Tests.Work;

public sealed class WorkDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_work_directory_is_private()
    {
        var work = WorkDirectory.CreateUnder(_directory.File("root"), out var owned);
        using var owner = owned;

        File.GetUnixFileMode(work.Path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void A_directory_that_others_could_read_is_made_private()
    {
        Directory.CreateDirectory(_directory.File("open"), (UnixFileMode)0x1FF);

        var work = WorkDirectory.Use(_directory.File("open"));

        File.GetUnixFileMode(work.Path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void While_a_program_uses_it_no_clean_up_gets_it_and_the_other_way_round()
    {
        var work = WorkDirectory.Use(_directory.File("work"));
        using (work.HoldShared())
        {
            using var second = work.HoldShared();
            work.TryHoldAlone().Should().BeNull();
        }

        using var alone = work.TryHoldAlone();
        alone.Should().NotBeNull();
        var using_ = work.HoldShared;
        using_.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.WorkDirectory);
    }

    [Fact]
    public void A_run_whose_supervisor_is_gone_is_an_orphan_and_one_that_never_had_any_is_not()
    {
        var root = _directory.File("root");
        var work = WorkDirectory.CreateUnder(root, out var owned);
        var byHand = WorkDirectory.Use(_directory.File("by-hand"));

        work.IsOrphaned().Should().BeFalse();
        byHand.IsOrphaned().Should().BeFalse();
        owned.Dispose();
        work.IsOrphaned().Should().BeTrue();
        WorkDirectory.All(root).Should().ContainSingle().Which.Path.Should().Be(work.Path);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        File.WriteAllText(_directory.File("file"), string.Empty);

        var making = () => WorkDirectory.Use(_directory.File("file/below"));

        making.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.WorkDirectory).WithMessage("*file/below*");
    }

    [Fact]
    public void A_directory_that_was_to_be_kept_is_no_orphan_until_it_is_used_again()
    {
        var work = WorkDirectory.CreateUnder(_directory.File("root"), out var owned);

        work.HasOwner().Should().BeTrue();
        work.Keep();
        owned.Dispose();

        work.HasOwner().Should().BeFalse();
        work.IsOrphaned().Should().BeFalse("the user asked for it");
        work.HoldAsOwner().Dispose();
        work.IsOrphaned().Should().BeTrue("that run was killed");
    }

    [Fact]
    public void A_directory_of_somebody_elses_files_is_refused_and_stays_as_it_is()
    {
        var directory = Directory.CreateDirectory(_directory.File("data"), (UnixFileMode)0x1ED);
        File.WriteAllText(Path.Combine(directory.FullName, "lock"), string.Empty);
        var mode = directory.UnixFileMode;

        var using_ = () => WorkDirectory.Use(directory.FullName);

        using_.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.WorkDirectory);
        File.GetUnixFileMode(directory.FullName).Should().Be(mode);
        WorkDirectory.WasUsed(directory.FullName).Should().BeFalse();
    }

    [Fact]
    public void A_directory_into_which_a_script_put_a_document_is_used()
    {
        Directory.CreateDirectory(_directory.File("script"));
        File.WriteAllText(_directory.File("script/job.json"), "{}");

        var work = WorkDirectory.Use(_directory.File("script"));

        work.HoldShared().Dispose();
        WorkDirectory.WasUsed(work.Path).Should().BeTrue();
    }
}
