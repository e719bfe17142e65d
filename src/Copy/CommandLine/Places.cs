using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Copy.CommandLine;

/// <summary>The disks that a person named.</summary>
internal static class Places
{
    /// <summary>Each source with its target.</summary>
    /// <param name="places">SOURCE TARGET SOURCE TARGET ….</param>
    /// <param name="journal">The journals are this path with a number; null for none.</param>
    /// <exception cref="StepException">One is no place of a disk, or is written and named a second time (<see cref="ErrorCodes.Usage"/>).</exception>
    internal static List<CopyTask> Pair(IReadOnlyList<string> places, string? journal)
    {
        var tasks = places.Chunk(2)
            .Select((pair, index) => new CopyTask(pair[0], Parse(pair[0]), Parse(pair[1])) { Journal = journal is null ? null : $"{journal}.{index}" })
            .ToList();

        // A target that is a file is cut to nothing first, and so is a journal: a source under another name would be gone.
        var sources = tasks.Select(task => Identity(task.Source)).ToHashSet();
        var targets = new HashSet<string>();
        foreach (var task in tasks)
        {
            var target = Identity(task.Target);
            if (sources.Contains(target)) throw Refused($"{task.Target} is a source and a target", "A disk cannot be copied onto itself: name another target.");
            if (!targets.Add(target)) throw Refused($"{task.Target} is the target of two disks", "Name a target of its own for each disk.");
        }

        var journals = new HashSet<string>();
        foreach (var path in tasks.Select(task => task.Journal).OfType<string>())
        {
            var identity = OfPath(path);
            if (sources.Contains(identity) || targets.Contains(identity)) throw Refused($"{path} is a disk and a journal", "Journals are PATH.0, PATH.1 …: name another PATH with --journal.");
            if (!journals.Add(identity)) throw Refused($"{path} is the journal of two disks", "Remove the links between journals, or name another PATH with --journal.");
        }

        return tasks;
    }

    private static CopyEndpoint Parse(string place)
    {
        try
        {
            return CopyEndpoint.Parse(place);
        }
        catch (FormatException e)
        {
            throw new StepException(ErrorCodes.Usage, e.Message, inner: e);
        }
    }

    private static StepException Refused(string message, string hint) => new(ErrorCodes.Usage, message, hint);

    private static string Identity(CopyEndpoint end) => end.Path is { } path ? OfPath(path) : end.ToString();

    /// <summary>What is not there yet is known by the directory that it will be made in: of a link, that of its end.</summary>
    private static string OfPath(string path)
    {
        if (NativeMethods.FileIdentity(path) is { } there) return there;
        var end = new FileInfo(path).LinkTarget is null ? path : new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        var directory = Path.GetDirectoryName(end) is { Length: > 0 } parent ? parent : ".";
        return $"{Path.GetFileName(end)} in {NativeMethods.FileIdentity(directory) ?? Path.GetFullPath(directory)}";
    }
}
