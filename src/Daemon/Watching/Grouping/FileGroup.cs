namespace Hyper2Kvm.Daemon.Watching.Grouping;

/// <summary>A file and all that it names, directly or through others.</summary>
internal sealed record FileGroup
{
    /// <summary>The file that nobody names: a disk, a descriptor, or a description of a guest.</summary>
    public required SeenFile Root { get; init; }

    /// <summary>Its disks in the order of the description, each without its extents and parents.</summary>
    public required IReadOnlyList<SeenFile> Disks { get; init; }

    /// <summary>All files, the root first.</summary>
    public required IReadOnlyList<SeenFile> Files { get; init; }

    /// <summary>Why it is no guest yet, with the remedy.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether the root describes a guest.</summary>
    public bool IsGuest => Root.Type.Role == FileRole.Appliance || Descriptions.DescribesGuest(Root);
}
