using System.Text.RegularExpressions;

namespace Hyper2Kvm.Helpers.Convert.Linux.Selinux;

/// <summary>One line of file_contexts: an expression for paths, a kind of file where it is for one only, and a label.</summary>
internal sealed class ContextRule
{
    private readonly string _pattern;
    private readonly string _start;
    private readonly Lazy<Regex?> _regex;

    private ContextRule(string pattern, LabelledKind? kind, string label)
    {
        _pattern = pattern;
        Kind = kind;
        Label = label;
        IsPath = !ContextPattern.HasMetaCharacters(pattern);
        _start = ContextPattern.LiteralStart(pattern);
        _regex = new Lazy<Regex?>(() => ContextPattern.Compile(_pattern));
    }

    /// <summary>Which kind of file it is for; <see langword="null"/>: any.</summary>
    public LabelledKind? Kind { get; }

    /// <summary>The label, or <see cref="FileContexts.None"/>.</summary>
    public string Label { get; }

    /// <summary>Whether it is for one path, not an expression.</summary>
    public bool IsPath { get; }

    /// <summary>Reads a line: <c>EXPRESSION [-KIND] LABEL</c>; <see langword="null"/> for comments and what is no rule.</summary>
    /// <param name="line">The line.</param>
    public static ContextRule? Parse(string line)
        => line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries) switch
        {
            [['#', ..], ..] => null,
            [var pattern, var label] => new ContextRule(pattern, null, label),
            [var pattern, ['-', var kind], var label] => new ContextRule(pattern, (LabelledKind)kind, label),
            _ => null,
        };

    /// <summary>What asking <see cref="Matches"/> costs for the first time, in characters of the expression; 0 from then on.</summary>
    public long Cost => _regex.IsValueCreated ? 0 : ContextPattern.Expansion(_pattern);

    /// <summary>Whether it can be for a path, by what its expression begins with.</summary>
    /// <param name="path">The path.</param>
    public bool CanMatch(string path) => path.StartsWith(_start, StringComparison.Ordinal);

    /// <summary>Whether it is for a path; <see langword="null"/> where its expression cannot be matched.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="RegexMatchTimeoutException">It takes too long.</exception>
    public bool? Matches(string path) => _regex.Value?.IsMatch(path);
}

/// <summary>Kinds of files that rules tell apart; the value is the letter in the file.</summary>
internal enum LabelledKind
{
    /// <summary>A regular file, <c>--</c>.</summary>
    File = '-',

    /// <summary>A directory, <c>-d</c>.</summary>
    Directory = 'd',

    /// <summary>A symbolic link, <c>-l</c>.</summary>
    Link = 'l',
}
