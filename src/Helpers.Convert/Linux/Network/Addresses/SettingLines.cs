namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

/// <summary>Replaces settings in texts of one setting a line; all other lines stay byte for byte.</summary>
internal static class SettingLines
{
    /// <summary>Takes lines out, and puts others in the place of the first of them, else at the end.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isOld">Whether a line goes.</param>
    /// <param name="lines">The new lines.</param>
    public static string Replace(string text, Predicate<string> isOld, IReadOnlyList<string> lines)
    {
        var all = text.Split('\n').ToList();
        if (all[^1].Length == 0)
            all.RemoveAt(all.Count - 1);
        var at = all.FindIndex(isOld);
        at = at < 0 ? all.Count : at;
        all.RemoveAll(isOld);
        all.InsertRange(at, lines);
        return string.Join('\n', all) + "\n";
    }

    /// <summary>Takes settings out of a section, and puts others behind its head; a section that is not there is made at the end.</summary>
    /// <param name="text">A file as <see cref="IniFile"/> reads it.</param>
    /// <param name="section">Name of the section.</param>
    /// <param name="isOld">Whether a setting of it goes, by key and value.</param>
    /// <param name="lines">The new lines.</param>
    public static string ReplaceIn(string text, string section, Func<string, string, bool> isOld, IReadOnlyList<string> lines)
    {
        var result = new List<string>();
        var (isInside, isWritten) = (false, false);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            var trimmed = line.Trim();
            if (trimmed.StartsWith('[') && trimmed.EndsWith(']'))
                isInside = trimmed[1..^1] == section;
            var equals = trimmed.IndexOf('=', StringComparison.Ordinal);
            if (isInside && equals > 0 && trimmed[0] is not ('#' or ';') && isOld(trimmed[..equals].TrimEnd(), trimmed[(equals + 1)..].TrimStart()))
                continue;
            result.Add(line);
            if (!isInside || isWritten || equals > 0 || trimmed.Length == 0)
                continue;
            result.AddRange(lines);
            isWritten = true;
        }

        if (!isWritten)
            result.AddRange(["", $"[{section}]", .. lines]);
        return string.Join('\n', result) + "\n";
    }
}
