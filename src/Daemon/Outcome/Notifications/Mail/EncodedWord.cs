using System.Text;

namespace Hyper2Kvm.Daemon.Outcome.Notifications.Mail;

/// <summary>Text in a header: as it is where it is plain ASCII, else as encoded words.</summary>
/// <remarks>RFC 2047, sections 2 (75 characters at most), 4.1 ("B") and 5 (a character is never split between two).</remarks>
internal static class EncodedWord
{
    /// <summary>45 bytes are 60 characters of base64, 72 with <c>=?utf-8?B?</c> and <c>?=</c>.</summary>
    private const int LargestWord = 45;

    private const int LongestPlain = 60;

    /// <summary>The text without control characters, so that no value can end its header; folded lines begin with a blank.</summary>
    /// <param name="text">Any text.</param>
    public static string Of(string text)
    {
        var line = OneLine(text);
        if (line.Length <= LongestPlain && Ascii.IsValid(line) && !line.Contains("=?", StringComparison.Ordinal))
        {
            return line;
        }

        var words = new List<byte[]>();
        var word = new List<byte>();
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in line.EnumerateRunes())
        {
            var count = rune.EncodeToUtf8(bytes);
            if (word.Count + count > LargestWord)
            {
                words.Add([.. word]);
                word.Clear();
            }

            word.AddRange(bytes[..count]);
        }

        return string.Join("\r\n ", words.Append([.. word]).Select(part => $"=?utf-8?B?{Convert.ToBase64String(part)}?="));
    }

    /// <summary>The text with a blank for each control character.</summary>
    /// <param name="text">Any text.</param>
    public static string OneLine(string text) => string.Create(text.Length, text, static (line, from) =>
    {
        for (var i = 0; i < line.Length; i++)
        {
            line[i] = char.IsControl(from[i]) || from[i] is '\u2028' or '\u2029' ? ' ' : from[i];
        }
    });
}
