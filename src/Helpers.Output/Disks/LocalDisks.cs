using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Servers;
using Hyper2Kvm.Helpers.Output.Outputs;

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
        [Qcow2Disk.ClusterSizeOption] = "cluster size of qcow2 disks in bytes, a power of two from 512 to 2M (default 64k)",
    };

    /// <summary>Whether the disks are written through servers: qemu-nbd writes qcow2; the copy writes raw files itself.</summary>
    /// <param name="output">The output section of the job.</param>
    public static bool NeedServers(JobOutput output) => OutputRun.FormatOf(output) == "qcow2";

    /// <summary>Refuses a directory that cannot take the guest.</summary>
    /// <param name="run">The run.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="furtherNames">Files that are made there besides the disks.</param>
    /// <exception cref="StepException">It is missing, full or not writable, or a name is taken.</exception>
    public static void Check(OutputRun run, string directory, params IEnumerable<string> furtherNames)
    {
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

    /// <summary>Makes the empty disks, and <c>outN</c> for each: a link to a raw file, or the socket of a server.</summary>
    /// <param name="run">The run.</param>
    /// <param name="directory">Their directory.</param>
    /// <returns>Servers that were started.</returns>
    public static IReadOnlyList<NbdServer> Create(OutputRun run, string directory)
    {
        var servers = new List<NbdServer>();
        try
        {
            foreach (var disk in run.Guest.Disks)
            {
                run.Context.Cancel.ThrowIfCancellationRequested();
                var path = PartFile.Create(run.Journal, directory, GuestName.OfDisk(run.Guest.Name, disk.Index), disk.Index);
                var length = RoundUp(disk.VirtualBytes);
                if (run.Format == "qcow2")
                {
                    Qcow2Disk.Format(run, path, length);
                    servers.Add(Qcow2Disk.Serve(run, path, disk.Index));
                }
                else
                {
                    RawDisk.Extend(path, length, run.IsPreallocated);
                    File.CreateSymbolicLink(run.Work.OutTarget(disk.Index), path);
                }
            }

            return servers;
        }
        catch
        {
            servers.ForEach(server => server.Dispose());
            throw;
        }
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
