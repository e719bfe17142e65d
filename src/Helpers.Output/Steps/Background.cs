using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Helpers.Output.Steps;

/// <summary><c>setup</c> by hand, where servers have to stay: it runs again as a keeper in the background.</summary>
internal static class Background
{
    /// <summary>Starts the keeper and waits until the disks can be reached.</summary>
    /// <param name="context">The step; its failure is the keeper's.</param>
    /// <param name="owner">Process whose death ends the keeper; 0 for none.</param>
    /// <param name="verbose">Debug lines in the keeper's log.</param>
    public static void Setup(StepContext context, int owner, bool verbose)
    {
        StepEvent? error = null;

        // All flags are in job.json by now.
        string[] arguments = ["setup", "--work", context.Work.Path, .. verbose ? ["--verbose"] : Array.Empty<string>()];
        var exitCode = ServingStep.StartInBackground(ProgramName.Path, arguments, owner, what =>
        {
            switch (what.Type)
            {
                case EventType.Error:
                    error = what;
                    break;
                case EventType.Warning:
                    context.Events.Write(what);
                    break;
                default:
                    break;
            }
        });
        if (exitCode != 0)
        {
            var code = ErrorCodes.All.FirstOrDefault(known => known.Name == error?.Code) ?? ErrorCodes.HelperDied;
            throw new StepException(code, error?.Message ?? "the keeper of the target disks died before they could be reached", error?.Hint, disk: error?.Disk);
        }
    }
}
