namespace Hyper2Kvm.Helpers.Convert.Linux.Selinux;

/// <summary>Trees that are labelled as others: <c>file_contexts.subs</c> (the administrator's) and then <c>file_contexts.subs_dist</c>, each once.</summary>
/// <param name="local">Text of file_contexts.subs.</param>
/// <param name="distribution">Text of file_contexts.subs_dist.</param>
internal sealed class PathSubstitutions(string local, string distribution)
{
    private readonly IReadOnlyList<(string From, string To)> _local = Parse(local);
    private readonly IReadOnlyList<(string From, string To)> _distribution = Parse(distribution);

    /// <summary>The path whose rules count.</summary>
    /// <param name="path">A path without links.</param>
    public string Apply(string path) => Apply(_distribution, Apply(_local, path));

    /// <summary>The last line counts where several fit, as libselinux has it.</summary>
    private static string Apply(IReadOnlyList<(string From, string To)> lines, string path)
    {
        foreach (var (from, to) in lines.Reverse())
        {
            if (path.StartsWith(from, StringComparison.Ordinal) && (path.Length == from.Length || path[from.Length] == '/'))
                return to == "/" && path.Length > from.Length ? path[from.Length..] : to + path[from.Length..];
        }

        return path;
    }

    private static List<(string From, string To)> Parse(string text)
        => [.. text.Split('\n')
            .Select(line => line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length >= 2 && words[0][0] != '#')
            .Select(words => (words[0], words[1]))];
}
