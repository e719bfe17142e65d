namespace Hyper2Kvm.Daemon.Jobs;

/// <summary>Files of the watch folder that are one guest: a disk alone, a descriptor with its extents, a description with its disks, or a folder.</summary>
internal sealed record SourceGroup
{
    /// <summary>Name of the guest: that of the first file without its extension, or of the folder.</summary>
    public required string Name { get; init; }

    /// <summary>What it counts as in the statistics: the extension of the first file, lower case without a dot (<c>vmdk</c>, <c>ovf</c>).</summary>
    public required string FileType { get; init; }

    /// <summary>Type of the input step (<c>-i</c>).</summary>
    public required string InputType { get; init; }

    /// <summary>What the conversion is given, absolute: disks, the one that boots first, or one description.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>What is moved away when the job has ended, absolute paths directly in the watch folder: files, or one directory.</summary>
    public required IReadOnlyList<string> Entries { get; init; }

    /// <summary>Bytes of all files together.</summary>
    public required long SizeBytes { get; init; }
}
