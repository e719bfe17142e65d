namespace Hyper2Kvm.Daemon.Watching.Grouping;

/// <summary>What a file says of the other files of its guest.</summary>
internal sealed record Description
{
    /// <summary>It names nobody: a disk that is one file.</summary>
    public static readonly Description None = new();

    /// <summary>It is a part of a disk, which only the disk's descriptor makes sense of.</summary>
    public static readonly Description Extent = new() { IsExtent = true };

    /// <summary>Files that it names, in its order.</summary>
    public IReadOnlyList<Reference> References { get; init; } = [];

    /// <summary>Whether it is a part of a disk.</summary>
    public bool IsExtent { get; init; }

    /// <summary>Whether it cannot tell which disks belong to it, so that all that stand with it do.</summary>
    public bool LeavesDisksOpen { get; init; }

    /// <summary>Why it cannot be followed, with the remedy.</summary>
    public string? Problem { get; init; }
}

/// <summary>A file that another one names.</summary>
/// <param name="Name">As it stands there.</param>
/// <param name="Role">What it is to it.</param>
/// <param name="ByFileName">Whether the name is a path of the host that it came from, of which only the file name counts.</param>
internal sealed record Reference(string Name, ReferenceRole Role, bool ByFileName = false);

/// <summary>What a named file is to the one that names it.</summary>
internal enum ReferenceRole
{
    /// <summary>A disk of the guest.</summary>
    Disk,

    /// <summary>Needed by it: an extent, a parent.</summary>
    Part,

    /// <summary>Goes with it where it is there.</summary>
    Optional,
}
