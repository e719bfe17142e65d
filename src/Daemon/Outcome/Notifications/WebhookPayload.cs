using System.Text.Json.Nodes;

namespace Hyper2Kvm.Daemon.Outcome.Notifications;

/// <summary>Notes as webhooks take them.</summary>
internal static class WebhookPayload
{
    /// <summary>Longest text of one field: Discord refuses the whole note otherwise ("Embed Limits": value 1024, description 4096).</summary>
    private const int LongestField = 1024;
    private const int LongestMessage = 2000;

    private const string Footer = "hyper2kvm daemon";

    /// <summary>The note in a form.</summary>
    /// <param name="type"><c>slack</c>, <c>discord</c> or <c>generic</c>.</param>
    /// <param name="note">The note.</param>
    public static JsonObject Of(string type, Note note) => type switch
    {
        "slack" => Slack(note),
        "discord" => Discord(note),
        _ => Generic(note),
    };

    /// <summary>An attachment.</summary>
    /// <remarks>Slack, "Reference: Secondary message attachments"; <c>&amp; &lt; &gt;</c> are escaped ("Formatting text"), so that a file name can make no link and call nobody.</remarks>
    private static JsonObject Slack(Note note) => new()
    {
        ["attachments"] = new JsonArray(new JsonObject
        {
            ["color"] = note.Level switch { NoteLevel.Success => "#36a64f", NoteLevel.Error => "#ff0000", _ => "#ff9900" },
            ["title"] = note.Title,
            ["text"] = SlackText(note.Message, LongestMessage),
            ["fields"] = Fields(note, (name, value) => new JsonObject { ["title"] = name, ["value"] = SlackText(value, LongestField), ["short"] = true }),
            ["footer"] = Footer,
            ["ts"] = note.Time.ToUnixTimeSeconds(),
        }),
    };

    /// <summary>An embed.</summary>
    /// <remarks>Discord, "Execute Webhook" and "Embed Object"; nobody is mentioned ("Allowed Mentions").</remarks>
    private static JsonObject Discord(Note note) => new()
    {
        ["allowed_mentions"] = new JsonObject { ["parse"] = new JsonArray() },
        ["embeds"] = new JsonArray(new JsonObject
        {
            ["title"] = note.Title,
            ["description"] = Cut(note.Message, LongestMessage),
            ["color"] = note.Level switch { NoteLevel.Success => 3066993, NoteLevel.Error => 15158332, _ => 16776960 },
            ["fields"] = Fields(note, (name, value) => new JsonObject { ["name"] = name, ["value"] = Cut(value, LongestField), ["inline"] = true }),
            ["footer"] = new JsonObject { ["text"] = Footer },
            ["timestamp"] = Note.Text(note.Time),
        }),
    };

    private static JsonObject Generic(Note note)
    {
        var details = new JsonObject { ["event"] = note.Event };
        foreach (var (name, value) in note.Details)
        {
            details[name] = value switch { int number => number, double number => number, _ => Note.Text(value) };
        }

        details["timestamp"] = Note.Text(note.Time);
        return new JsonObject
        {
            ["title"] = note.Title,
            ["message"] = note.Message,
            ["level"] = note.LevelName,
            ["details"] = details,
            ["source"] = "hyper2kvm-daemon",
            ["timestamp"] = Note.Text(note.Time),
        };
    }

    private static JsonArray Fields(Note note, Func<string, string, JsonNode> field)
        => [.. note.Details.Select(detail => (detail.Name, Value: Note.Text(detail.Value))).Where(detail => detail.Value.Length > 0).Select(detail => field(detail.Name, detail.Value))];

    private static string SlackText(string text, int longest)
        => Cut(text, longest).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Cut(string text, int longest) => text.Length <= longest ? text : $"{text.AsSpan(0, longest - 1)}…";
}
