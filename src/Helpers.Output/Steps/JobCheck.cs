using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Outputs;

namespace Hyper2Kvm.Helpers.Output.Steps;

/// <summary>Refuses an output section that makes no sense, from flags and from <c>job.json</c> alike.</summary>
internal static class JobCheck
{
    private static readonly string[] Formats = ["raw", "qcow2"];
    private static readonly string[] Allocations = ["sparse", "preallocated"];

    /// <summary>Checks words and keys.</summary>
    /// <param name="output">The output.</param>
    /// <param name="section">Its section of the job.</param>
    /// <exception cref="StepException">Something is unknown (<see cref="ErrorCodes.Usage"/>).</exception>
    public static void Check(IOutput output, JobOutput section)
    {
        OneOf("-of", section.Format ?? "raw", Formats);
        OneOf("-oa", section.Allocation, Allocations);
        foreach (var key in section.Options.Keys.Where(key => !output.Options.ContainsKey(key)))
        {
            var known = string.Join("; ", output.Options.Select(option => $"{option.Key}: {option.Value}"));
            throw new StepException(ErrorCodes.Usage, $"-oo {key} is unknown to this output", known.Length == 0 ? "It takes no -oo." : $"It takes {known}.");
        }
    }

    private static void OneOf(string flag, string value, string[] known)
    {
        if (!known.Contains(value))
        {
            throw new StepException(ErrorCodes.Usage, $"{flag} {value} is unknown", $"Use {string.Join(" or ", known)}.");
        }
    }
}
