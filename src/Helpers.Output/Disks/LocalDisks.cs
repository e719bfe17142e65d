using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Outputs;
using Hyper2Kvm.Helpers.Output.Undo;

namespace Hyper2Kvm.Helpers.Output.Disks;

/// <summary>The disks of a guest as files of one directory: what the outputs to this host have in common.</summary>
internal static class LocalDisks
{
    /// <summary>A sparse disk starts with nothing; a file system with less room than this is full, and the copy need not find that out.</summary>
    private const long LeastFreeBytes = 1024 * 1024;

    private const long SectorBytes = 512;

    /// <summary>Keys of <c>-oo</c> for disks.</summary>
    public static IReadOnlyDictionary<string, string> Options { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Qcow2Options.ClusterSizeKey] = "cluster size of qcow2 disks in bytes, a power of two from 512 to 2M (default 64k)",
        [Qcow2Options.CompressedKey] = "compress the clusters of qcow2 disks",
    };

    /// <summary>Refuses a directory that cannot take the guest.</summary>
    /// <param name="run">The run.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="furtherNames">Files that are made there besides the disks.</param>
    /// <exception cref="StepException">It is missing, full or not writable, or a name is taken.</exception>
    public static void Check(OutputRun run, string directory, params IEnumerable<string> furtherNames)
    {
        Qcow2Disk.CheckOptions(run);
        TargetDirectory.CheckWritable(directory);
        foreach (var path in Names(run).Concat(furtherNames).Select(name => Path.Combine(directory, name)))
        {
            // Whatever it is, a dangling link included.
            if (FileIdentity.Of(path) is not null)
            {
                throw new StepException(ErrorCodes.OutputExists, $"{path} exists already");
            }
        }

        CheckSpace(run, directory);
    }

    /// <summary>Makes the files of the disks, and <c>outN</c> for each: a link, which the copy follows to write the disk in the job's format.</summary>
    /// <param name="run">The run.</param>
    /// <param name="directory">Their directory.</param>
    public static void Create(OutputRun run, string directory)
    {
        foreach (var disk in run.Guest.Disks)
        {
            run.Context.Cancel.ThrowIfCancellationRequested();
            var path = PartFile.Create(run.Journal, directory, GuestName.OfDisk(run.Guest.Name, disk.Index), disk.Index);
            if (run.Format == "raw")
            {
                RawDisk.Extend(path, RoundUp(disk.VirtualBytes), run.IsPreallocated);
            }

            File.CreateSymbolicLink(run.Work.OutTarget(disk.Index), path);
        }
    }

    /// <summary>Refuses disks that the copy has not brought to their end, as far as it shows; then gives all files their names.</summary>
    /// <param name="run">The run.</param>
    /// <exception cref="StepException">A disk is not whole (<see cref="ErrorCodes.OutputFinal"/>), or a name is taken.</exception>
    public static void Publish(OutputRun run)
    {
        if (run.Format == "qcow2")
        {
            foreach (var disk in run.Guest.Disks)
            {
                var part = run.Journal.Records.Single(record => record.Act == UndoAct.Created && record.Disk == disk.Index).Path!;
                Qcow2Disk.CheckWhole(part, disk.Index, RoundUp(disk.VirtualBytes));
            }
        }

        PartFile.Publish(run.Journal);
    }

    private static IEnumerable<string> Names(OutputRun run) => run.Guest.Disks.Select(disk => GuestName.OfDisk(run.Guest.Name, disk.Index));

    /// <summary>A disk is whole sectors; VMware's flat extents of other sizes exist, and QEMU rounds them up too.</summary>
    private static long RoundUp(long bytes) => (bytes + SectorBytes - 1) / SectorBytes * SectorBytes;

    private static void CheckSpace(OutputRun run, string directory)
    {
        var free = new DriveInfo(directory).AvailableFreeSpace;
        var needed = run.IsPreallocated ? run.Guest.Disks.Sum(disk => RoundUp(disk.VirtualBytes)) : 0;
        if (free < Math.Max(needed, LeastFreeBytes))
        {
            throw new StepException(
                ErrorCodes.OutputNoSpace,
                needed > 0
                    ? $"{directory} has {free} bytes free; the preallocated disks need {needed}"
                    : $"{directory} has only {free} bytes free",
                needed > 0 ? "Free space there, choose another place with -os, or use -oa sparse." : null);
        }
    }
}
