using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Copy.CommandLine;

/// <summary>The disks that a person named.</summary>
internal static class Places
{
    /// <summary>Each source with its target.</summary>
    /// <param name="places">SOURCE TARGET SOURCE TARGET ….</param>
    /// <exception cref="StepException">One is no place of a disk, or is named as a target and a second time (<see cref="ErrorCodes.Usage"/>).</exception>
    internal static List<CopyTask> Pair(IReadOnlyList<string> places)
    {
        var tasks = places.Chunk(2).Select(pair => new CopyTask(pair[0], Parse(pair[0]), Parse(pair[1]))).ToList();

        // A target that is a file is cut to nothing first: the source under another name would be gone.
        var sources = tasks.Select(task => Identity(task.Source)).ToHashSet();
        var targets = new HashSet<string>();
        foreach (var task in tasks)
        {
            var target = Identity(task.Target);
            if (sources.Contains(target)) throw new StepException(ErrorCodes.Usage, $"{task.Target} is a source and a target", "A disk cannot be copied onto itself: name another target.");
            if (!targets.Add(target)) throw new StepException(ErrorCodes.Usage, $"{task.Target} is the target of two disks", "Name a target of its own for each disk.");
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

    private static string Identity(CopyEndpoint end) => end.Path is { } path ? NativeMethods.FileIdentity(path) ?? Path.GetFullPath(path) : end.ToString();
}
