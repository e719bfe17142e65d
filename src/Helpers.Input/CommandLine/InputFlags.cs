using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.CommandLine;

/// <summary>What the command line says about the source.</summary>
/// <param name="Sources">Paths, relative to the current directory.</param>
/// <param name="Format">Format by <c>-if</c>.</param>
/// <param name="InPlace">Whether <c>--in-place</c> is there.</param>
/// <param name="Options">Options by <c>-io KEY=VALUE</c>.</param>
internal sealed record InputFlags(IReadOnlyList<string> Sources, string? Format, bool InPlace, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>The job's input section with the flags written into it; the same object where there are none.</summary>
    /// <param name="job">The section as it is.</param>
    /// <param name="type">Input type of this program.</param>
    /// <param name="flags">The flags.</param>
    /// <exception cref="StepException">Neither names a source (<see cref="ErrorCodes.Usage"/>).</exception>
    /// <remarks>New sources are a new source: format, options and the in-place wish of those before say nothing about them.</remarks>
    public static JobInput Merge(JobInput job, string type, InputFlags flags)
    {
        if (flags.Sources.Count > 0)
        {
            return job with { Type = type, Sources = [.. flags.Sources.Select(Path.GetFullPath)], Format = flags.Format, InPlace = flags.InPlace, Options = flags.Options };
        }

        if (job.Sources.Count == 0)
        {
            throw new StepException(ErrorCodes.Usage, "no disk was named", "Name the source's disks, the one that it boots from first.");
        }

        return flags.Format is null && !flags.InPlace && flags.Options.Count == 0
            ? job
            : job with
            {
                Format = flags.Format ?? job.Format,
                InPlace = flags.InPlace || job.InPlace,
                Options = flags.Options.Count > 0 ? flags.Options : job.Options,
            };
    }
}
