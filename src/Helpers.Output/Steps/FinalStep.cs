using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Helpers.Output.Native;
using Hyper2Kvm.Helpers.Output.Outputs;
using Hyper2Kvm.Helpers.Output.Undo;

namespace Hyper2Kvm.Helpers.Output.Steps;

/// <summary><c>final</c>: closes the disks, gives them their names, makes the guest, and says <c>done</c>.</summary>
internal static class FinalStep
{
    /// <summary>Runs it; where it fails, everything that the run made on the target is removed.</summary>
    /// <param name="context">The step.</param>
    /// <param name="output">The output.</param>
    /// <param name="job">The job.</param>
    public static void Run(StepContext context, IOutput output, Job job)
    {
        if (context.Work.IsDone)
        {
            context.Log.Information("done before");
            return;
        }

        var journal = UndoJournal.Open(context.Work);
        if (!journal.IsBegun)
        {
            throw new StepException(ErrorCodes.OutputFinal, $"no setup has run in {context.Work.Path}", "Run setup and copy first.");
        }

        if (File.Exists(context.Work.CopyFlag))
        {
            throw new StepException(
                ErrorCodes.OutputFinal,
                $"the copy of {context.Work.Path} has not come to its end ({context.Work.CopyFlag} exists)",
                "Wait for it, or run it again, before final.");
        }

        try
        {
            Finish(context, output, job, journal);
        }
        catch
        {
            UndoStep.TakeBackAfterFailure(context);
            throw;
        }
    }

    /// <summary>All of it, without the undo. A kill within it is made good by <c>undo</c>.</summary>
    /// <param name="context">The step.</param>
    /// <param name="output">The output.</param>
    /// <param name="job">The job.</param>
    /// <param name="journal">The journal.</param>
    public static void Finish(StepContext context, IOutput output, Job job, UndoJournal journal)
    {
        var run = OutputRun.Load(context, job, journal);
        if (output.NeedsServers(job.Output))
        {
            journal = CloseServers(context);
            run = run with { Journal = journal };
        }

        context.Cancel.ThrowIfCancellationRequested();
        output.Final(run);
        WriteDone(context.Work);
    }

    /// <summary>The keeper ends its servers in order and says so in the journal; without that word the images may lack their last tables.</summary>
    private static UndoJournal CloseServers(StepContext context)
    {
        Keeper.Stop(context);
        var journal = UndoJournal.Open(context.Work);
        return journal.Records.Any(record => record.Act == UndoAct.Closed)
            ? journal
            : throw new StepException(ErrorCodes.OutputServer, "the servers of the target disks were killed: what they had not yet written is lost", "Run again from the start.");
    }

    /// <summary>The last act of a run: from now on nothing is taken back.</summary>
    private static void WriteDone(WorkDirectory work)
    {
        AtomicFile.Write(work.DoneFlag, "done\n"u8);
        _ = NativeMethods.SyncDirectory(work.Path);
    }
}
