namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Reads files of sections and settings, as systemd and NetworkManager have them (systemd.syntax(7), nm-settings-keyfile(5)).</summary>
internal static class IniFile
{
    /// <summary>All settings, in order, with their sections.</summary>
    /// <param name="text">The file.</param>
    public static IEnumerable<(string Section, string Key, string Value)> Settings(string text)
    {
        var section = string.Empty;
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (line.Length == 0 || line[0] is '#' or ';')
                continue;
            if (line[0] == '[' && line[^1] == ']')
                section = line[1..^1];
            else if (line.IndexOf('=') is var equals && equals > 0)
                yield return (section, line[..equals].TrimEnd(), line[(equals + 1)..].TrimStart());
        }
    }
}
