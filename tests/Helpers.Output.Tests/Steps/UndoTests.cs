using Hyper2Kvm.Helpers.Output.Outputs;
using Hyper2Kvm.Helpers.Output.Steps;
using Hyper2Kvm.Helpers.Output.Tests.Support;
using Hyper2Kvm.Helpers.Output.Undo;

namespace Hyper2Kvm.Helpers.Output.Tests.Steps;

public sealed class UndoTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public UndoTests() => _scratch.Work.Save(Guests.Linux);

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Killed_after_any_act_of_setup_or_final_nothing_is_left()
    {
        var acts = 0;
        while (!RunAndStopAfter(++acts))
        {
            UndoStep.Run(_scratch.Step("undo"));

            _scratch.TargetNames.Should().BeEmpty($"act {acts} was the last");
            UndoJournal.Open(_scratch.Work).IsBegun.Should().BeFalse();
        }

        acts.Should().BeGreaterThan(8, "two disks and the XML are created and renamed");
        _scratch.TargetNames.Should().Equal("web-sda", "web-sdb", "web.xml");
    }

    [Fact]
    public void An_undo_may_be_repeated_and_never_takes_what_came_later()
    {
        RunAndStopAfter(9);
        File.Exists(_scratch.InTarget("web-sda")).Should().BeTrue("the first disk has its name already");
        UndoStep.Run(_scratch.Step("undo"));

        // Somebody makes a file of the same name, most likely with the same inode.
        File.WriteAllText(_scratch.InTarget("web-sda"), "somebody's");
        UndoStep.Run(_scratch.Step("undo"));
        _scratch.Succeed("output-local", "undo");

        _scratch.TargetNames.Should().Equal("web-sda");
    }

    [Fact]
    public void A_file_of_the_final_name_that_is_not_ours_is_not_removed()
    {
        RunAndStopAfter(9);
        File.Delete(_scratch.InTarget("web-sda"));
        File.WriteAllText(_scratch.InTarget("other"), "somebody's");
        File.Move(_scratch.InTarget("other"), _scratch.InTarget("web-sda"));

        UndoStep.Run(_scratch.Step("undo"));

        _scratch.TargetNames.Should().Equal("web-sda");
    }

    [Fact]
    public void A_line_that_a_kill_cut_short_is_passed_over_and_the_next_one_is_not()
    {
        RunAndStopAfter(3);
        File.AppendAllText(_scratch.Work.File(UndoJournal.FileName), "{\"act\":\"crea");
        var journal = UndoJournal.Open(_scratch.Work);
        journal.Append(new UndoRecord { Act = UndoAct.Closed });

        UndoJournal.Open(_scratch.Work).Records.Select(record => record.Act).Should().Equal(UndoAct.Begin, UndoAct.Create, UndoAct.Created, UndoAct.Closed);
        UndoStep.Run(_scratch.Step("undo"));
        _scratch.TargetNames.Should().BeEmpty();
    }

    [Fact]
    public void Two_work_directories_of_one_name_do_not_meet_on_the_target()
    {
        using var other = new Scratch();
        other.Work.Save(Guests.Linux);
        _scratch.Succeed("output-local", "setup", "-os", _scratch.Target);
        other.Succeed("output-local", "setup", "-os", _scratch.Target);
        _scratch.TargetNames.Should().HaveCount(4);

        other.Succeed("output-local", "undo");
        _scratch.TargetNames.Should().HaveCount(2);
        _scratch.Succeed("output-local", "final");

        _scratch.TargetNames.Should().Equal("web-sda", "web-sdb", "web.xml");
    }

    /// <summary>Setup and final in this process, stopped as by SIGKILL right after the given number of lines in the journal.</summary>
    /// <returns>Whether they came to their end before.</returns>
    private bool RunAndStopAfter(int acts)
    {
        var output = new LocalOutput();
        var job = _scratch.JobFor("local");
        var left = acts;
        void Stop(UndoRecord _)
        {
            if (--left == 0)
            {
                throw new KilledHere();
            }
        }

        try
        {
            UndoStep.Run(_scratch.Step("undo"));
            var journal = UndoJournal.Open(_scratch.Work);
            journal.Written = Stop;
            SetupStep.Prepare(_scratch.Step("setup"), output, job, journal).Should().BeEmpty();
            FinalStep.Finish(_scratch.Step("final"), output, job, journal);
            return true;
        }
        catch (KilledHere)
        {
            return false;
        }
    }

    private sealed class KilledHere : Exception;
}
