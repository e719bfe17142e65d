using System.Diagnostics;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Servers;
using Hyper2Kvm.Helpers.Output.Outputs;
using Hyper2Kvm.Helpers.Output.Undo;

namespace Hyper2Kvm.Helpers.Output.Steps;

/// <summary><c>setup</c>: checks the target, makes the empty disks, and keeps their servers.</summary>
internal static class SetupStep
{
    /// <summary>Runs it; where it fails, what it made is removed again.</summary>
    /// <param name="context">The step.</param>
    /// <param name="output">The output.</param>
    /// <param name="job">The job.</param>
    /// <param name="owner">Process whose death ends the servers; 0 for none.</param>
    public static void Run(StepContext context, IOutput output, Job job, int owner)
    {
        var clock = Stopwatch.StartNew();
        if (context.Work.IsDone)
        {
            throw new StepException(ErrorCodes.OutputSetup, $"the run in {context.Work.Path} is done: the guest is on the target", "Use a new work directory.");
        }

        // What an earlier setup of this directory left behind.
        UndoStep.TakeBack(context);
        var journal = UndoJournal.Open(context.Work);
        try
        {
            var servers = Prepare(context, output, job, journal);
            if (servers.Count > 0)
            {
                ServingStep.Keep(context, servers, clock.ElapsedMilliseconds, owner, ErrorCodes.OutputServer);
                journal.Append(new UndoRecord { Act = UndoAct.Closed });
            }
        }
        catch
        {
            UndoStep.TakeBackAfterFailure(context);
            throw;
        }
    }

    /// <summary>Checks the target and makes the disks. A kill within it is made good by <c>undo</c>.</summary>
    /// <param name="context">The step.</param>
    /// <param name="output">The output.</param>
    /// <param name="job">The job.</param>
    /// <param name="journal">The journal.</param>
    /// <returns>Servers of the disks, ready.</returns>
    public static IReadOnlyList<NbdServer> Prepare(StepContext context, IOutput output, Job job, UndoJournal journal)
    {
        JobCheck.Check(output, job.Output);
        journal.Begin(job.Id);
        var run = OutputRun.Load(context, job, journal);
        foreach (var loss in output.Losses(run.Guest).Concat(NameLoss(run)))
        {
            context.Warn(loss);
        }

        output.Check(run);
        var servers = output.Setup(run);
        try
        {
            foreach (var server in servers)
            {
                server.WaitUntilReady(context.Cancel);
            }
        }
        catch
        {
            foreach (var server in servers)
            {
                server.Dispose();
            }

            throw;
        }

        return servers;
    }

    private static IEnumerable<string> NameLoss(OutputRun run)
    {
        if ((run.Job.Name ?? run.Work.LoadTarget().Name) is var wanted && wanted != run.Guest.Name)
        {
            yield return $"the guest's name '{wanted}' cannot be a file name; it is '{run.Guest.Name}' on the target (-on NAME gives another)";
        }
    }
}
