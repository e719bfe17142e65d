using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Selinux;

/// <summary>Which label the guest's policy gives to which path, computed as libselinux does (label_file(5), selabel_lookup(3)).</summary>
/// <remarks>
/// Rules of <c>file_contexts</c>, then <c>.homedirs</c>, then <c>.local</c>; expressions before plain paths whatever their place;
/// of all that fit, the last one counts.
/// </remarks>
internal sealed class FileContexts
{
    /// <summary>The label of what is to have none of its own.</summary>
    public const string None = "<<none>>";

    private const int MostRules = 200_000;
    private const int LongestLabel = 1024;

    /// <summary>Of expressions that are compiled: a hundred times what a whole policy has, some seconds.</summary>
    private const long MostCharacters = 20_000_000;

    private readonly IReadOnlyList<ContextRule> _rules;
    private readonly PathSubstitutions _substitutions;
    private long _spent;

    private FileContexts(IEnumerable<ContextRule> rules, PathSubstitutions substitutions)
    {
        _rules = [.. rules.OrderBy(rule => rule.IsPath)];
        _substitutions = substitutions;
    }

    /// <summary>Reads those of the guest's policy.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="policy">SELINUXTYPE: <c>targeted</c>.</param>
    /// <returns><see langword="null"/> where the policy has none in text, or more than any has.</returns>
    public static FileContexts? Read(IGuestFiles files, string policy)
    {
        var path = $"/etc/selinux/{policy}/contexts/files/file_contexts";
        if (files.ReadText(path) is not { } text)
            return null;
        var rules = new[] { text, files.ReadText($"{path}.homedirs"), files.ReadText($"{path}.local") }
            .SelectMany(part => (part ?? string.Empty).Split('\n'))
            .Select(ContextRule.Parse).OfType<ContextRule>().Take(MostRules).ToList();
        return rules.Count is 0 or MostRules ? null
            : new FileContexts(rules, new PathSubstitutions(files.ReadText($"{path}.subs") ?? string.Empty, files.ReadText($"{path}.subs_dist") ?? string.Empty));
    }

    /// <summary>The label of a path.</summary>
    /// <param name="path">A path without links.</param>
    /// <param name="kind">What is there.</param>
    /// <returns>The label, or <see cref="None"/>; <see langword="null"/> where it cannot be told.</returns>
    public string? Find(string path, LabelledKind kind)
    {
        var key = _substitutions.Apply(path);
        try
        {
            foreach (var rule in _rules.Reverse())
            {
                if ((rule.Kind is { } only && only != kind) || !rule.CanMatch(key))
                    continue;
                if ((_spent += rule.Cost) > MostCharacters)
                    return null;
                switch (rule.Matches(key))
                {
                    case null:
                        return null;
                    case true:
                        return IsLabel(rule.Label) ? rule.Label : null;
                }
            }

            return None;
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private static bool IsLabel(string label)
        => label == None || (label.Length <= LongestLabel && label.Count(character => character == ':') >= 2 && label.All(character => character is > ' ' and < '\x7f'));
}
