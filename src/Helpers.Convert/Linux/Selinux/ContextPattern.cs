using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Helpers.Convert.Linux.Selinux;

/// <summary>The expressions of file_contexts: PCRE2, matched against the whole path with <c>.</c> for any character (selinux's label_file(5)).</summary>
/// <remarks>Matched without backtracking, in time linear in the path: a policy of a hostile guest cannot hold us up. What that cannot do (look-around, references back) is not matched at all.</remarks>
internal static partial class ContextPattern
{
    private const int LongestPattern = 4096;
    private const long LargestExpansion = 100_000;

    /// <summary>A match is linear in the path; this ends one that a defect makes slow, on a busy host too.</summary>
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(10);

    private static readonly Dictionary<string, string> Classes = new(StringComparer.Ordinal)
    {
        ["alnum"] = "a-zA-Z0-9", ["alpha"] = "a-zA-Z", ["digit"] = "0-9", ["lower"] = "a-z", ["upper"] = "A-Z", ["xdigit"] = "0-9a-fA-F",
    };

    /// <summary>Whether libselinux takes it for an expression; what is none is a path, and goes before all expressions.</summary>
    /// <param name="pattern">The expression.</param>
    public static bool HasMetaCharacters(string pattern)
    {
        for (var at = 0; at < pattern.Length; at++)
        {
            if (pattern[at] == '\\')
                at++;
            else if (".^$?*+|[({".Contains(pattern[at], StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>What every path that matches begins with.</summary>
    /// <param name="pattern">The expression.</param>
    public static string LiteralStart(string pattern)
    {
        if (pattern.Contains('|', StringComparison.Ordinal) && HasTopLevelChoice(pattern))
            return string.Empty;
        var start = new StringBuilder();
        for (var at = 0; at < pattern.Length; at++)
        {
            var character = pattern[at];
            if (character == '\\' && at + 1 < pattern.Length && !char.IsAsciiLetterOrDigit(pattern[at + 1]))
                character = pattern[++at];
            else if (".^$?*+|[](){}\\".Contains(character, StringComparison.Ordinal))
                break;
            if (at + 1 < pattern.Length && "?*{".Contains(pattern[at + 1], StringComparison.Ordinal))
                break;
            start.Append(character);
        }

        return start.ToString();
    }

    /// <summary>How long an expression is at most with its <c>{n}</c> written out: what compiling and matching cost, in characters.</summary>
    /// <param name="pattern">The expression.</param>
    public static long Expansion(string pattern)
        => Count().Matches(pattern)
            .Select(match => long.TryParse(match.Groups["most"].Value, CultureInfo.InvariantCulture, out var most) ? Math.Min(most, int.MaxValue) : int.MaxValue)
            .Aggregate((long)pattern.Length, (product, count) => Math.Min(product * Math.Max(1, count), int.MaxValue));

    /// <summary>The expression for .NET; <see langword="null"/> where it cannot be matched as PCRE2 would, within bounds.</summary>
    /// <param name="pattern">The expression.</param>
    public static Regex? Compile(string pattern)
    {
        if (pattern.Length > LongestPattern || Expansion(pattern) > LargestExpansion || Translate(pattern) is not { } translated)
            return null;
        try
        {
            return new Regex($"^{translated}\\z", RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant, LongestMatch);
        }
        catch (Exception unusable) when (unusable is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>POSIX classes are spelled out. Possessive quantifiers, subtraction of classes and literal runs mean other things in .NET.</summary>
    private static string? Translate(string pattern)
    {
        var isKnown = true;
        var translated = PosixClass().Replace(pattern, match =>
        {
            isKnown &= Classes.TryGetValue(match.Groups["name"].Value, out var characters);
            return characters ?? string.Empty;
        });
        return isKnown && !OpensClassInClass(translated) && !translated.Contains("\\Q", StringComparison.Ordinal) ? translated : null;
    }

    /// <summary>Whether a bracket stands in a class, where .NET and PCRE2 part: <c>[a-[b]]</c>, <c>[[.a.]]</c>.</summary>
    private static bool OpensClassInClass(string pattern)
    {
        var isInClass = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '\\':
                    at++;
                    break;
                case '[' when isInClass:
                    return true;
                case '[':
                    isInClass = true;

                    // The first bracket that closes is one of the class.
                    at += pattern.AsSpan(at + 1).StartsWith("^]") ? 2 : pattern.AsSpan(at + 1).StartsWith("]") ? 1 : 0;
                    break;
                case ']':
                    isInClass = false;
                    break;
            }
        }

        return false;
    }

    private static bool HasTopLevelChoice(string pattern)
    {
        var depth = 0;
        for (var at = 0; at < pattern.Length; at++)
        {
            depth += pattern[at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (pattern[at] == '\\')
                at++;
            else if (pattern[at] == '|' && depth <= 0)
                return true;
        }

        return false;
    }

    [GeneratedRegex(@"\[:(?<name>[a-z]+):\]", RegexOptions.CultureInvariant)]
    private static partial Regex PosixClass();

    [GeneratedRegex(@"\{(?:[0-9]+,)?(?<most>[0-9]+),?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Count();
}
