using System.Text.RegularExpressions;

namespace Hyper2Kvm.Guest.Files;

/// <summary>What <c>mdir</c> prints of a FAT volume (mdir(1)).</summary>
internal static partial class FatListing
{
    /// <summary>All files and directories, by path in the case that they have.</summary>
    /// <param name="text">What <c>mdir -/ -a</c> printed.</param>
    public static Dictionary<string, GuestFileStatus> Parse(string text)
    {
        var found = new Dictionary<string, GuestFileStatus>(StringComparer.OrdinalIgnoreCase) { ["/"] = new(GuestFileKind.Directory, 0, 0x1ED, 0, 0) };
        var directory = string.Empty;
        foreach (var line in text.Split('\n'))
        {
            if (Heading().Match(line) is { Success: true } heading)
            {
                directory = heading.Groups["path"].Value.TrimEnd('/');
            }
            else if (Entry().Match(line) is { Success: true } entry && entry.Groups["short"].Value.TrimEnd() is not ("." or ".."))
            {
                var name = entry.Groups["long"].Value is { Length: > 0 } longName ? longName : ShortName(entry.Groups["short"].Value.TrimEnd(), entry.Groups["suffix"].Value.TrimEnd());
                found[$"{directory}/{name}"] = entry.Groups["length"].Value == "<DIR>"
                    ? new GuestFileStatus(GuestFileKind.Directory, 0, 0x1ED, 0, 0)
                    : new GuestFileStatus(GuestFileKind.File, long.Parse(entry.Groups["length"].Value), 0x1A4, 0, 0);
            }
        }

        return found;
    }

    /// <summary>Bytes that are free; 0 where it was not told.</summary>
    /// <param name="text">What <c>mdir</c> printed.</param>
    public static long FreeBytes(string text)
        => Free().Match(text) is { Success: true } free ? long.Parse(free.Groups["bytes"].Value.Replace(" ", string.Empty, StringComparison.Ordinal)) : 0;

    private static string ShortName(string name, string suffix) => suffix.Length == 0 ? name : $"{name}.{suffix}";

    [GeneratedRegex("^Directory for ::(?<path>/.*)$")]
    private static partial Regex Heading();

    [GeneratedRegex("^(?<short>.{8}) (?<suffix>.{3}) +(?<length><DIR>|[0-9]+) +[0-9]{4}-[0-9]{2}-[0-9]{2} +[0-9]{1,2}:[0-9]{2} *(?<long>.*)$")]
    private static partial Regex Entry();

    [GeneratedRegex("^ +(?<bytes>[0-9][0-9 ]*) bytes free", RegexOptions.Multiline)]
    private static partial Regex Free();
}
