using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Watching.Grouping;

/// <summary>What would be one guest, if it is complete.</summary>
internal sealed record Candidate
{
    /// <summary>Name of the guest.</summary>
    public required string Name { get; init; }

    /// <summary>Names in the watch folder of what belongs to it, the one that stands for it first.</summary>
    public required IReadOnlyList<string> Entries { get; init; }

    /// <summary>What the conversion is given.</summary>
    public required IReadOnlyList<SeenFile> Sources { get; init; }

    /// <summary>Extension of the first file, lower case without a dot.</summary>
    public required string FileType { get; init; }

    /// <summary>All its files.</summary>
    public required IReadOnlyList<SeenFile> Files { get; init; }

    /// <summary>Files of others that have to rest too before it is taken.</summary>
    public IReadOnlyList<SeenFile> Neighbours { get; init; } = [];

    /// <summary>Whether nothing says when it is complete, so that it is taken only after <c>file_stable_timeout</c> without a change.</summary>
    public bool NeedsQuiet { get; init; }

    /// <summary>Why it is not complete, with the remedy.</summary>
    public string? Problem { get; init; }

    /// <summary>The guest.</summary>
    /// <param name="folder">The watch folder.</param>
    public SourceGroup ToSourceGroup(string folder) => new()
    {
        Name = Name,
        FileType = FileType,
        InputType = FileTypes.InputTypeOf(Sources),
        Sources = [.. Sources.Select(source => source.Path)],
        Entries = [.. Entries.Select(entry => Path.Combine(folder, entry))],
        SizeBytes = Files.Sum(file => file.State.Bytes),
    };
}
