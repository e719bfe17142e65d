using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Outcome.Deduplication;

/// <summary>One file of a guest.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Name">Its path from the watch folder: that of a file in a folder begins with the folder's name.</param>
internal sealed record SourceFile(string Path, string Name)
{
    private static readonly EnumerationOptions NoLinks = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };

    /// <summary>All plain files of a guest, in the order of their names.</summary>
    /// <param name="source">The guest.</param>
    public static IReadOnlyList<SourceFile> Of(SourceGroup source)
        => [.. source.Entries
            .SelectMany(entry => Directory.Exists(entry) ? Directory.EnumerateFiles(entry, "*", NoLinks) : [entry], (entry, file) => new SourceFile(file, System.IO.Path.GetRelativePath(System.IO.Path.GetDirectoryName(entry)!, file)))
            .OrderBy(file => file.Name, StringComparer.Ordinal)];
}
