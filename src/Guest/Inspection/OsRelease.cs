namespace Hyper2Kvm.Guest.Inspection;

/// <summary>os-release(5).</summary>
internal static class OsRelease
{
    /// <summary>Its variables; the last of a name wins, as in a shell.</summary>
    /// <param name="text">The file.</param>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (!line.StartsWith('#') && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
            {
                values[line[..equals]] = Unquote(line[(equals + 1)..]);
            }
        }

        return values;
    }

    private static string Unquote(string value)
    {
        if (value is ['\'', .. var plain, '\''])
        {
            return plain;
        }

        value = value is ['"', .. var quoted, '"'] ? quoted : value;
        var text = new System.Text.StringBuilder(value.Length);
        for (var index = 0; index < value.Length; index++)
        {
            if (value[index] == '\\' && index + 1 < value.Length)
            {
                index++;
            }

            text.Append(value[index]);
        }

        return text.ToString();
    }
}
