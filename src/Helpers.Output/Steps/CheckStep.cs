using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Helpers.Output.Outputs;
using Hyper2Kvm.Helpers.Output.Undo;

namespace Hyper2Kvm.Helpers.Output.Steps;

/// <summary><c>check</c>: what <c>setup</c> would refuse, told before the conversion. Makes nothing.</summary>
internal static class CheckStep
{
    /// <summary>Runs it, on <c>metadata.in</c> as long as there is no <c>metadata.out</c>.</summary>
    /// <param name="context">The step.</param>
    /// <param name="output">The output.</param>
    /// <param name="job">The job.</param>
    public static void Run(StepContext context, IOutput output, Job job)
    {
        JobCheck.Check(output, job.Output);
        output.Check(File.Exists(context.Work.File(TargetMetadata.FileName))
            ? OutputRun.Load(context, job, UndoJournal.Open(context.Work))
            : OutputRun.Foresee(context, job));
    }
}
