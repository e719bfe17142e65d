using System.Text;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>Reads the guest's fstab, to mount by it. (To edit it, the conversion has a parser that keeps every byte.)</summary>
public static class Fstab
{
    /// <summary>Most lines that are looked at.</summary>
    private const int MostEntries = 1000;

    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>The entries of a file; lines of fewer than two fields are passed over, as mount(8) does.</summary>
    /// <param name="text">The file.</param>
    public static IReadOnlyList<FstabEntry> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.Split('\n')
            .Select(line => line.Trim(' ', '\t', '\r'))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length >= 2)
            .Take(MostEntries)
            .Select(fields => new FstabEntry(
                Unquote(Unescape(fields[0])),
                Unescape(fields[1]),
                fields.Length > 2 ? fields[2] : "auto",
                fields.Length > 3 ? fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries) : []))];
    }

    /// <summary>Undoes <c>\040</c> and its like (getmntent(3)).</summary>
    private static string Unescape(string field)
    {
        if (!field.Contains('\\'))
        {
            return field;
        }

        var text = new StringBuilder(field.Length);
        for (var index = 0; index < field.Length; index++)
        {
            if (field[index] == '\\' && index + 3 < field.Length && field.AsSpan(index + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                text.Append((char)(((field[index + 1] - '0') * 64) + ((field[index + 2] - '0') * 8) + (field[index + 3] - '0')));
                index += 3;
            }
            else
            {
                text.Append(field[index]);
            }
        }

        return text.ToString();
    }

    /// <summary>UUID="…" is the same as UUID=… (mount(8)).</summary>
    private static string Unquote(string spec)
        => spec.Length > 2 && spec.EndsWith('"') && spec.IndexOf("=\"", StringComparison.Ordinal) is > 0 and var quote
            ? string.Concat(spec.AsSpan(0, quote + 1), spec.AsSpan(quote + 2, spec.Length - quote - 3))
            : spec;
}
