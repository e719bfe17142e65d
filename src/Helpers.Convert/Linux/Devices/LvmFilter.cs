using System.Text.RegularExpressions;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>One <c>filter</c> or <c>global_filter</c> of lvm.conf(5): patterns in turn, each accepting or rejecting what it matches.</summary>
internal sealed partial class LvmFilter
{
    /// <summary>A hostile pattern must not take for ever.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromMilliseconds(200);

    private readonly List<(bool Accepts, Regex Pattern)> _rules = [];

    private LvmFilter(Group value) => Value = value;

    /// <summary>Where its array, or single string, stands in the file.</summary>
    public Group Value { get; }

    /// <summary>The filters that a file sets, comments left out.</summary>
    /// <param name="text">lvm.conf, or a file beside it.</param>
    /// <exception cref="FormatException">A pattern cannot be read.</exception>
    public static IReadOnlyList<LvmFilter> Of(string text) => [.. Setting().Matches(text).Where(match => !IsCommentOrText(text, match.Index)).Select(match => Read(match.Groups["value"]))];

    /// <summary>
    /// Whether LVM sees a device. Every name of it is held against the patterns; the first pattern that matches a name decides on that name; one accepted
    /// name is enough, and a device of which no name matches anything is accepted.
    /// </summary>
    /// <param name="names">All names that the device has on the target.</param>
    /// <exception cref="FormatException">A pattern takes too long.</exception>
    public bool Accepts(IEnumerable<string> names)
    {
        var rejected = false;
        foreach (var name in names)
        {
            var rule = _rules.Find(rule => IsMatch(rule.Pattern, name));
            if (rule is { Pattern: not null, Accepts: true })
                return true;
            rejected |= rule.Pattern is not null;
        }

        return !rejected;
    }

    private static bool IsCommentOrText(string text, int at)
        => text.LastIndexOf('\n', at) is var lineFeed && text.AsSpan(lineFeed + 1, at - lineFeed - 1).ContainsAny('#', '"');

    private static bool IsMatch(Regex pattern, string name)
    {
        try
        {
            return pattern.IsMatch(name);
        }
        catch (RegexMatchTimeoutException slow)
        {
            throw new FormatException($"the pattern {slow.Pattern} takes too long", slow);
        }
    }

    private static LvmFilter Read(Group value)
    {
        var filter = new LvmFilter(value);
        foreach (var text in Text().Matches(value.Value).Where(rule => rule.Groups["text"].Success).Select(rule => rule.Groups["text"].Value))
        {
            if (text.Length < 3 || text[0] is not ('a' or 'r') || text.IndexOf(Closing(text[1]), 2) is var end && end < 0)
                throw new FormatException($"the pattern {text} is not of the form a|…|");
            filter._rules.Add((text[0] == 'a', Compile(text[2..end])));
        }

        return filter;
    }

    private static char Closing(char opening) => opening switch
    {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        _ => opening,
    };

    /// <summary>LVM's own patterns are those of egrep without counts and classes by name: all of them mean the same here.</summary>
    private static Regex Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, MostTime);
        }
        catch (ArgumentException unknown)
        {
            throw new FormatException($"the pattern {pattern} is not understood", unknown);
        }
    }

    [GeneratedRegex("""\b(?:global_)?filter[ \t]*=[ \t]*(?<value>\[(?:[^\]"#]|"[^"\n]*"|#[^\n]*)*\]|"[^"\n]*")""")]
    private static partial Regex Setting();

    [GeneratedRegex("""#[^\n]*|"(?<text>[^"]*)["]""")]
    private static partial Regex Text();
}
