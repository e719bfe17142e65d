namespace Hyper2Kvm.Helpers.Output.Qemu;

/// <summary>Words of a POSIX shell script.</summary>
internal static class ShellText
{
    /// <summary>A word that the shell takes as it stands, in single quotes where it must be (POSIX.1-2017, Shell Command Language, 2.2.2).</summary>
    /// <param name="word">The word.</param>
    public static string Quote(string word)
        => word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_=./:,+%@".Contains(letter))
            ? word
            : $"'{word.Replace("'", "'\\''")}'";

    /// <summary>Text for between double quotes.</summary>
    /// <param name="text">The text.</param>
    public static string InDoubleQuotes(string text)
        => string.Concat(text.Select(letter => "\\\"$`".Contains(letter) ? $"\\{letter}" : letter.ToString()));

    /// <summary>A value inside an option of QEMU: a comma is doubled (qemu(1), -drive).</summary>
    /// <param name="value">The value.</param>
    public static string OptionValue(string value) => value.Replace(",", ",,");
}
