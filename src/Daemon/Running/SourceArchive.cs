using System.Globalization;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Running;

/// <summary>Moves the files of a job between the watch folder, <c>.processed</c> and <c>.errors</c>: by rename, together, never over anything. They keep their names, by which they find each other.</summary>
internal sealed class SourceArchive(string watchFolder)
{
    /// <summary>Folder of what failed.</summary>
    public string ErrorFolder => Path.Combine(watchFolder, ".errors");

    /// <summary>Whether the files of a guest are in the watch folder itself.</summary>
    /// <param name="source">The guest.</param>
    public bool IsInWatchFolder(SourceGroup source) => source.Entries.All(entry => Path.GetDirectoryName(entry) == watchFolder);

    /// <summary>Moves the files of a guest that is ready to <c>.processed/DATE</c>.</summary>
    /// <param name="source">The guest.</param>
    /// <param name="on">The day.</param>
    /// <returns>The guest where its files are now.</returns>
    public SourceGroup ToProcessed(SourceGroup source, DateTimeOffset on)
        => Move(source, Path.Combine(watchFolder, ".processed", on.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));

    /// <summary>Moves the files of a guest that failed to <c>.errors</c>.</summary>
    /// <param name="source">The guest.</param>
    /// <returns>The guest where its files are now.</returns>
    public SourceGroup ToErrors(SourceGroup source) => Move(source, ErrorFolder);

    /// <summary>Moves the files of a guest that is tried again back to the watch folder; where another file of the name is there by now, they stay.</summary>
    /// <param name="source">The guest.</param>
    /// <returns>The guest where its files are now.</returns>
    public SourceGroup ToWatchFolder(SourceGroup source)
    {
        if (IsInWatchFolder(source) || source.Entries.Any(entry => Path.Exists(In(watchFolder, entry))))
        {
            return source;
        }

        var left = Path.GetDirectoryName(source.Entries[0])!;
        var moved = Move(source, watchFolder);
        if (left != ErrorFolder && Directory.Exists(left) && !Directory.EnumerateFileSystemEntries(left).Any())
        {
            Directory.Delete(left);
        }

        return moved;
    }

    /// <summary>Renames what is where the job says; what is not there has been moved before a kill, and is where it was moved to.</summary>
    private static SourceGroup Move(SourceGroup source, string folder)
    {
        if (source.Entries.All(entry => Path.GetDirectoryName(entry) is { } parent && (parent == folder || Path.GetDirectoryName(parent) == folder)))
        {
            return source;
        }

        var present = source.Entries.Where(Path.Exists).ToList();
        var target = present.Count == source.Entries.Count ? Free(folder, source) : Begun(folder, source, present);
        Directory.CreateDirectory(target);
        foreach (var entry in present)
        {
            // A plain rename for files and directories, and an error where the name is taken.
            Directory.Move(entry, In(target, entry));
        }

        return source with
        {
            Entries = [.. source.Entries.Select(entry => In(target, entry))],
            Sources = [.. source.Sources.Select(path => Moved(path, source.Entries, target))],
        };
    }

    /// <summary>The first place in which no name is taken.</summary>
    private static string Free(string folder, SourceGroup source)
        => Places(folder, source.Name).First(place => !source.Entries.Any(entry => Path.Exists(In(place, entry))));

    /// <summary>The place that a move which was killed had chosen: places fill in their order, so the last that holds a missing file.</summary>
    private static string Begun(string folder, SourceGroup source, List<string> present)
        => Places(folder, source.Name).TakeWhile(place => place == folder || Directory.Exists(place))
            .LastOrDefault(place => source.Entries.Except(present).Any(entry => Path.Exists(In(place, entry))) && !present.Any(entry => Path.Exists(In(place, entry))))
            ?? Free(folder, source);

    private static IEnumerable<string> Places(string folder, string name)
        => Enumerable.Range(1, int.MaxValue - 1).Select(number => number == 1 ? folder : Path.Combine(folder, $"{name}-{number}"));

    private static string In(string folder, string entry) => Path.Combine(folder, Path.GetFileName(entry));

    private static string Moved(string path, IReadOnlyList<string> entries, string target)
        => entries.FirstOrDefault(entry => path == entry || path.StartsWith(entry + '/', StringComparison.Ordinal)) is { } entry
            ? In(target, entry) + path[entry.Length..]
            : path;
}
