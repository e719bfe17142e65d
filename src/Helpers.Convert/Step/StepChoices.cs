using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Helpers.Convert.Step;

/// <summary>What was said on this program's own command line; it goes before the job, and into it.</summary>
/// <param name="Root">Which system; <see langword="null"/> where nothing was said.</param>
/// <param name="Workers">Most file systems at once; 0 where nothing was said.</param>
/// <param name="ForceHibernated">Write on hibernated volumes.</param>
internal sealed record StepChoices(string? Root, int Workers, bool ForceHibernated)
{
    /// <summary>The job's section with these choices in it.</summary>
    /// <param name="job">The section as it was.</param>
    public JobConvert ApplyTo(JobConvert job) => job with
    {
        Root = Root ?? job.Root,
        Workers = Workers > 0 ? Workers : job.Workers,
        ForceHibernated = ForceHibernated || job.ForceHibernated,
    };
}
