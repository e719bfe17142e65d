using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Running;

/// <summary>The <c>job.json</c> of one try.</summary>
internal static class JobRequest
{
    /// <summary>End of the name of a side file, which says what is special about one guest.</summary>
    public const string SideFile = ".job.yaml";

    private static readonly string[] ToDirectory = ["local", "qemu"];

    /// <summary>Makes it: the configuration's job, the side file's on top, the files of the guest.</summary>
    /// <param name="job">The job.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="outputPath">Directory that the guest goes to.</param>
    /// <exception cref="Core.Errors.StepException">The side file is wrong (<see cref="Core.Errors.ErrorCodes.Configuration"/>).</exception>
    public static Job Make(DaemonJob job, DaemonConfiguration configuration, string outputPath)
    {
        var template = configuration.Job ?? JobTemplate.Read(string.Empty, null);
        if (job.Source.Entries.FirstOrDefault(entry => entry.EndsWith(SideFile, StringComparison.Ordinal)) is { } side)
        {
            template = JobTemplate.ReadSideFile(side, template);
        }

        var type = template.Output.Type ?? "local";
        return template with
        {
            Created = job.Created,
            Name = template.Name ?? job.Source.Name,
            Input = template.Input with { Type = template.Input.Type ?? job.Source.InputType, Sources = job.Source.Sources },
            Copy = template.Copy with
            {
                Slots = configuration.MaxConcurrentCopies,
                SlotDirectory = configuration.MaxConcurrentCopies > 0 ? Path.Combine(configuration.StateDirectory, "copy-slots") : null,
            },
            Output = template.Output with { Type = type, Storage = template.Output.Storage ?? (ToDirectory.Contains(type) ? outputPath : null) },
        };
    }
}
