using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>Paths as parts of names of systemd's units (systemd.unit(5), "String Escaping for Inclusion in Unit Names").</summary>
internal static partial class UnitName
{
    /// <summary><c>/dev/disk/by-uuid/1</c> is <c>dev-disk-by\x2duuid-1</c>.</summary>
    /// <param name="path">An absolute path in ASCII.</param>
    public static string Escape(string path)
    {
        var name = new StringBuilder();
        foreach (var letter in path.Trim('/'))
        {
            if (letter == '/')
                name.Append('-');
            else if (char.IsAsciiLetterOrDigit(letter) || letter is ':' or '_' || (letter == '.' && name.Length > 0))
                name.Append(letter);
            else
                name.Append(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}");
        }

        return name.ToString();
    }

    /// <summary>The path that a name stands for.</summary>
    /// <param name="name">A name without its suffix.</param>
    public static string Unescape(string name)
        => "/" + Escaped().Replace(name.Replace('-', '/'), match => ((char)System.Convert.ToInt32(match.Groups[1].Value, 16)).ToString());

    [GeneratedRegex(@"\\x([0-9a-fA-F]{2})")]
    private static partial Regex Escaped();
}
