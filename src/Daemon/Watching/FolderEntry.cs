namespace Hyper2Kvm.Daemon.Watching;

/// <summary>A file or a folder directly in the watch folder, as it was seen last.</summary>
internal sealed record FolderEntry
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is a folder.</summary>
    public required bool IsDirectory { get; init; }

    /// <summary>The file itself, or the files of the folder and of those below it, by name.</summary>
    public required IReadOnlyList<SeenFile> Files { get; init; }

    /// <summary>The folder and those below it, absolute.</summary>
    public IReadOnlyList<string> Directories { get; init; } = [];

    /// <summary>Why it cannot be a guest, with the remedy.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether nothing has changed since another look.</summary>
    /// <param name="other">The other look.</param>
    public bool SameAs(FolderEntry other)
        => IsDirectory == other.IsDirectory && Problem == other.Problem
            && Files.Select(file => (file.Name, file.State)).SequenceEqual(other.Files.Select(file => (file.Name, file.State)))
            && Directories.SequenceEqual(other.Directories);
}
