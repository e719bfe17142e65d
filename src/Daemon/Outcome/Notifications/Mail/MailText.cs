using System.Globalization;
using System.Net.Mail;
using System.Text;

namespace Hyper2Kvm.Daemon.Outcome.Notifications.Mail;

/// <summary>A mail: its envelope, and its text as it goes over the wire.</summary>
/// <remarks>RFC 5322 (headers), RFC 2045 (transfer encodings), RFC 3834, section 5 (Auto-Submitted: no holiday note comes back).</remarks>
/// <param name="From">Sender's address.</param>
/// <param name="To">Recipients' addresses.</param>
/// <param name="Text">Headers and body, ASCII, lines end in CR LF.</param>
internal sealed record MailText(string From, IReadOnlyList<string> To, string Text)
{
    /// <summary>RFC 5322, section 2.1.1.</summary>
    private const int LongestLine = 998;

    private const int RulerLength = 60;

    /// <summary>The mail that tells a note.</summary>
    /// <param name="note">The note.</param>
    /// <param name="from">Sender: an address, or <c>NAME &lt;ADDRESS&gt;</c>.</param>
    /// <param name="to">Recipients, each of such a form.</param>
    /// <exception cref="NotDelivered">An address is none.</exception>
    public static MailText Of(Note note, string from, IReadOnlyList<string> to)
    {
        var sender = Address(from, "email_from");
        var recipients = to.Select(address => Address(address, "email_to")).ToList();
        var body = Body(note);
        var isPlain = Ascii.IsValid(body) && body.Split("\r\n").All(line => line.Length <= LongestLine);
        string[] headers =
        [
            $"From: {Mailbox(sender)}",
            $"To: {string.Join(",\r\n ", recipients.Select(Mailbox))}",
            $"Subject: {EncodedWord.Of($"[hyper2kvm] {note.Title}")}",
            $"Date: {note.Time.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)}",
            $"Message-ID: <{Guid.NewGuid():N}@{sender.Host}>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            $"Content-Transfer-Encoding: {(isPlain ? "7bit" : "base64")}",
        ];
        var content = isPlain ? body : Convert.ToBase64String(Encoding.UTF8.GetBytes(body), Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\r\n") + "\r\n";
        return new MailText(sender.Address, [.. recipients.Select(recipient => recipient.Address)], $"{string.Join("\r\n", headers)}\r\n\r\n{content}");
    }

    private static string Body(Note note)
    {
        var ruler = new string('=', RulerLength);
        var details = note.Details.Prepend(("event", note.Event)).Append(("timestamp", (object)Note.Text(note.Time)));
        return string.Concat(new[] { note.Message, string.Empty, "Details:", ruler }
            .Concat(details.Select(detail => $"{detail.Item1}: {Note.Text(detail.Item2)}"))
            .Append(ruler)
            .Select(line => EncodedWord.OneLine(line) + "\r\n"));
    }

    /// <summary>An address that can stand in a command: ASCII, and without blanks, control characters and brackets.</summary>
    private static MailAddress Address(string text, string key)
        => MailAddress.TryCreate(text, out var address) && address.Address.All(letter => letter is > ' ' and <= '~' and not ('<' or '>')) && !text.Any(char.IsControl)
            ? address
            : throw new NotDelivered($"{key}: '{EncodedWord.OneLine(text)}' is no mail address", canPass: false);

    private static string Mailbox(MailAddress address)
    {
        if (address.DisplayName.Length == 0)
        {
            return address.Address;
        }

        var name = EncodedWord.Of(address.DisplayName);
        var quoted = name == address.DisplayName ? $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : name;
        return $"{quoted} <{address.Address}>";
    }
}
