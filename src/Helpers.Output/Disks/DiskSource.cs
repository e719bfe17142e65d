using Hyper2Kvm.Helpers.Output.Outputs;

namespace Hyper2Kvm.Helpers.Output.Disks;

/// <summary>Where a disk of the target is, for whoever describes the guest.</summary>
internal sealed record DiskSource
{
    /// <summary>Index of the disk.</summary>
    public required int Disk { get; init; }

    /// <summary><c>raw</c> or <c>qcow2</c>.</summary>
    public required string Format { get; init; }

    /// <summary>Whether space that the guest frees goes back to the host.</summary>
    public bool Discard { get; init; }

    /// <summary>Path of the file; for a volume, too.</summary>
    public required string Path { get; init; }

    /// <summary>Storage pool, where libvirt shall look for the volume.</summary>
    public string? Pool { get; init; }

    /// <summary>Name of the file, which is the volume's name in a pool of type dir.</summary>
    public string FileName => System.IO.Path.GetFileName(Path);

    /// <summary>The disks of a run under their final names, as the journal has them.</summary>
    /// <param name="run">The run.</param>
    public static IReadOnlyList<DiskSource> Files(OutputRun run)
        => [.. run.Journal.Records
            .Where(record => record.Act == Undo.UndoAct.Created && record.Disk is not null)
            .Select(record => new DiskSource
            {
                Disk = record.Disk!.Value,
                Format = run.Format,
                Discard = !run.IsPreallocated,
                Path = record.Target!,
            })];

    /// <summary>The same as volumes of a pool.</summary>
    /// <param name="run">The run.</param>
    /// <param name="pool">The pool.</param>
    public static IReadOnlyList<DiskSource> Volumes(OutputRun run, string pool) => [.. Files(run).Select(file => file with { Pool = pool })];
}
