using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Copy.Step;

/// <summary>The step of the pipeline: every <c>inN</c> of the work directory to its <c>outN</c>, all at once.</summary>
internal static class CopyStep
{
    /// <summary>Copies the disks that metadata.out names.</summary>
    /// <param name="context">The step.</param>
    /// <exception cref="StepException">A disk cannot be copied (<see cref="ErrorCodes.Copy"/> and those after it).</exception>
    /// <param name="resume">Go on with a copy that was killed.</param>
    public static void Run(StepContext context, bool resume)
    {
        var (job, target) = (context.Work.LoadJob(), context.Work.LoadTarget());
        if (job.Copy.Verify && job.Output.Type == "null")
        {
            throw new StepException(ErrorCodes.Usage, "the null output keeps nothing that could be read back", "Leave --verify out.");
        }

        var tasks = target.Disks.OrderBy(disk => disk.Index).Select(disk => Task(context, disk)).ToList();

        // Its own outputs make fresh disks: what reads as zero need not be written.
        var settings = new CopySettings
        {
            Connections = job.Copy.Connections,
            RequestSize = job.Copy.RequestSize,
            Bandwidth = job.Copy.Bandwidth,
            Qcow2 = Qcow2Options.Of(job.Output),
            Allocated = job.Output.Allocation == "preallocated",
            DestinationIsZero = true,
            Verify = job.Copy.Verify,
            Resume = resume,
            TimeProvider = TimeProvider.System,
        };
        var parallel = job.Copy.Parallel > 0 ? job.Copy.Parallel : Math.Max(1, tasks.Count);
        var observer = new StepObserver(context);
        try
        {
            for (var begun = 0; begun < tasks.Count;)
            {
                using var slots = CopySlots.Take(job.Copy, Math.Min(parallel, tasks.Count - begun), context.Cancel);
                CopyEngine.Run(tasks.GetRange(begun, slots.Count), settings, observer, context.Cancel);
                begun += slots.Count;
            }
        }
        catch (CopyException failure)
        {
            throw failure.ToStepException(DiskOf(failure.Disk));
        }

        if (!observer.Digests.IsEmpty)
        {
            context.Work.Save(target with { Disks = [.. target.Disks.Select(disk => disk with { Digest = observer.Digests.GetValueOrDefault(disk.Index) })] });
        }
    }

    /// <summary>Index of the disk that a task's name tells.</summary>
    /// <param name="name">Name of the task.</param>
    public static int DiskOf(string name) => int.Parse(name);

    private static CopyTask Task(StepContext context, TargetDisk disk)
    {
        var (source, target) = (context.Work.InSocket(disk.Index), context.Work.OutTarget(disk.Index));
        if (!File.Exists(source))
        {
            throw new StepException(ErrorCodes.CopyConnection, $"{source} does not exist: no server serves disk {disk.Index}", "Run the input step first, and keep its owner alive.", disk: disk.Index);
        }

        if (!File.Exists(target))
        {
            throw new StepException(ErrorCodes.CopyConnection, $"{target} does not exist: there is no target for disk {disk.Index}", "Run the output step's setup first.", disk: disk.Index);
        }

        // A direct target is a link: its file is what is opened.
        var file = new FileInfo(target).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? target;
        return new CopyTask($"{disk.Index}", CopyEndpoint.Parse(source), CopyEndpoint.Parse(file))
        {
            Journal = context.Work.File($"copy{disk.Index}.journal"),
            SourceVersion = Conversion(context),
        };
    }

    /// <summary>Every conversion writes its report: what was copied before one is another source.</summary>
    private static string? Conversion(StepContext context)
    {
        var report = new FileInfo(context.Work.File(ConversionReport.FileName));
        return report.Exists ? $"converted {report.LastWriteTimeUtc:O}" : null;
    }
}
