using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Helpers.Output.Disks;
using Hyper2Kvm.Helpers.Output.Undo;

namespace Hyper2Kvm.Helpers.Output.Outputs;

/// <summary>What an output has in its hands.</summary>
/// <param name="Context">The step.</param>
/// <param name="Job">The job, with the flags of this command line in it.</param>
/// <param name="Guest">The guest; its name is fit for files and domains.</param>
/// <param name="Journal">What is to be taken back when the run fails.</param>
internal sealed record OutputRun(StepContext Context, Job Job, TargetMetadata Guest, UndoJournal Journal)
{
    /// <summary>The work directory.</summary>
    public WorkDirectory Work => Context.Work;

    /// <summary>Disk format on the target; virt-v2v's default too.</summary>
    public string Format => FormatOf(Job.Output);

    /// <summary>Whether all blocks of the disks are allocated at once.</summary>
    public bool IsPreallocated => Job.Output.Allocation == "preallocated";

    /// <summary>Directory or pool of <c>-os</c>.</summary>
    /// <exception cref="StepException">It was not given (<see cref="ErrorCodes.Usage"/>).</exception>
    public string Storage => Job.Output.Storage
        ?? throw new StepException(ErrorCodes.Usage, "no place for the disks was named", "Give -os DIR.");

    /// <summary>Disk format that a job asks for.</summary>
    /// <param name="output">Its output section.</param>
    public static string FormatOf(JobOutput output) => output.Format ?? "raw";

    /// <summary>Value of an option of <c>-oo</c>.</summary>
    /// <param name="key">Its key.</param>
    public string? Option(string key) => Job.Output.Options.GetValueOrDefault(key);

    /// <summary>Brings together what a step works on.</summary>
    /// <param name="context">The step.</param>
    /// <param name="job">The job.</param>
    /// <param name="journal">The journal.</param>
    /// <exception cref="StepException">There is no <c>metadata.out</c>, or the guest's name is unusable.</exception>
    public static OutputRun Load(StepContext context, Job job, UndoJournal journal) => Of(context, job, journal, context.Work.LoadTarget());

    /// <summary>The same before the conversion: of the source's metadata, as far as a target can be checked with them.</summary>
    /// <param name="context">The step.</param>
    /// <param name="job">The job.</param>
    /// <exception cref="StepException">There is no <c>metadata.in</c>, or the guest's name is unusable.</exception>
    public static OutputRun Foresee(StepContext context, Job job)
    {
        var source = context.Work.LoadSource();
        var guest = new TargetMetadata
        {
            Schema = TargetMetadata.SchemaName,
            Name = source.Name,
            Uuid = source.Uuid,
            MemoryBytes = source.MemoryBytes,
            Disks = [.. source.Disks.Select(disk => new TargetDisk { Index = disk.Index, VirtualBytes = disk.VirtualBytes })],
            Nics = source.Nics,
            Cpu = source.Cpu,
            Firmware = source.Firmware,
            SecureBoot = source.SecureBoot ?? false,
            Tpm = source.Tpm,
        };
        return Of(context, job, UndoJournal.Open(context.Work), guest);
    }

    private static OutputRun Of(StepContext context, Job job, UndoJournal journal, TargetMetadata guest)
    {
        var wanted = job.Name ?? guest.Name;
        var name = GuestName.Clean(wanted);
        if (name != wanted)
        {
            context.Log.Warning("the guest's name '{Wanted}' is '{Name}' on the target", wanted, name);
        }

        return new OutputRun(context, job, SafeMetadata.Of(guest) with { Name = name }, journal);
    }
}
