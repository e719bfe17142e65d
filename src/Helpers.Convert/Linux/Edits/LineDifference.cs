namespace Hyper2Kvm.Helpers.Convert.Linux.Edits;

/// <summary>The lines that a change takes out and puts in.</summary>
internal static class LineDifference
{
    private const int LargestTable = 4_000_000;

    /// <summary>Each line taken out with <c>-</c>, each put in with <c>+</c> before it, in the order of the file.</summary>
    /// <param name="before">Content before; empty for a new file.</param>
    /// <param name="after">Content after.</param>
    public static IReadOnlyList<string> Of(string before, string after)
    {
        var old = Lines(before);
        var now = Lines(after);
        var start = 0;
        while (start < old.Length && start < now.Length && old[start] == now[start])
            start++;
        var end = 0;
        while (end < old.Length - start && end < now.Length - start && old[^(end + 1)] == now[^(end + 1)])
            end++;
        return Walk(old[start..^end], now[start..^end]);
    }

    private static string[] Lines(string text)
        => text.Length == 0 ? [] : (text.EndsWith('\n') ? text[..^1] : text).Split('\n');

    private static List<string> Walk(string[] old, string[] now)
    {
        var result = new List<string>();
        if ((long)old.Length * now.Length > LargestTable)
        {
            result.AddRange(old.Select(line => "-" + line));
            result.AddRange(now.Select(line => "+" + line));
            return result;
        }

        var common = CommonLengths(old, now);
        var (i, j) = (0, 0);
        while (i < old.Length || j < now.Length)
        {
            if (i < old.Length && j < now.Length && old[i] == now[j])
            {
                i++;
                j++;
            }
            else if (i < old.Length && (j == now.Length || common[i + 1, j] >= common[i, j + 1]))
            {
                result.Add("-" + old[i++]);
            }
            else
            {
                result.Add("+" + now[j++]);
            }
        }

        return result;
    }

    /// <summary>Length of the longest common subsequence of every pair of tails.</summary>
    private static int[,] CommonLengths(string[] old, string[] now)
    {
        var table = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
                table[i, j] = old[i] == now[j] ? table[i + 1, j + 1] + 1 : Math.Max(table[i + 1, j], table[i, j + 1]);
        }

        return table;
    }
}
