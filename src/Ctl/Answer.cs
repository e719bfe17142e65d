using System.Globalization;
using System.Text.Json;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Ctl;

/// <summary>An answer of the daemon, read by the names of its fields: a daemon of another version may have more or fewer.</summary>
/// <param name="node">The part that is looked at.</param>
internal readonly struct Answer(JsonElement node)
{
    /// <summary>Reads an answer.</summary>
    /// <param name="line">One line of the control socket.</param>
    /// <exception cref="StepException">It is an error (<see cref="ErrorCodes.DaemonRefused"/>), or no answer (<see cref="ErrorCodes.DaemonUnreachable"/>).</exception>
    public static Answer Read(byte[] line)
    {
        Answer answer;
        try
        {
            answer = new Answer(JsonElement.Parse(line));
        }
        catch (JsonException broken)
        {
            throw NoAnswer(broken);
        }

        return answer.Text("status") switch
        {
            "ok" => answer,
            "error" => throw new StepException(ErrorCodes.DaemonRefused, $"{answer.Text("message")} ({answer.Text("code")})", answer.Text("hint")),
            _ => throw NoAnswer(null),
        };
    }

    /// <summary>A field as text, safe to show; <see langword="null"/> where it is missing.</summary>
    /// <param name="name">Its name.</param>
    public string? Text(string name) => Field(name) is { ValueKind: JsonValueKind.String } text ? Shown(text.GetString()!) : null;

    /// <summary>A field as a number; 0 where it is missing.</summary>
    /// <param name="name">Its name.</param>
    public double Number(string name) => MaybeNumber(name) ?? 0;

    /// <summary>A field as a number; <see langword="null"/> where it is missing.</summary>
    /// <param name="name">Its name.</param>
    public double? MaybeNumber(string name) => Field(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    /// <summary>Whether a field is true.</summary>
    /// <param name="name">Its name.</param>
    public bool IsTrue(string name) => Field(name) is { ValueKind: JsonValueKind.True };

    /// <summary>A field as a time, <c>2026-11-20 08:15:00</c>; empty where it is missing.</summary>
    /// <param name="name">Its name.</param>
    public string Time(string name)
        => Field(name) is { ValueKind: JsonValueKind.String } text && text.TryGetDateTimeOffset(out var time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
            : string.Empty;

    /// <summary>A field that has fields of its own; <see langword="null"/> where it is missing.</summary>
    /// <param name="name">Its name.</param>
    public Answer? Inner(string name) => Field(name) is { ValueKind: JsonValueKind.Object } inner ? new Answer(inner) : null;

    /// <summary>The parts of a list.</summary>
    /// <param name="name">Its name.</param>
    public IReadOnlyList<Answer> List(string name)
        => Field(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(item => new Answer(item))] : [];

    /// <summary>The texts of a list, safe to show.</summary>
    /// <param name="name">Its name.</param>
    public IReadOnlyList<string> Lines(string name)
        => Field(name) is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => Shown(item.GetString()!))]
            : [];

    /// <summary>The fields of an object, in their order.</summary>
    public IReadOnlyList<(string Name, Answer Value)> Fields()
        => node.ValueKind == JsonValueKind.Object ? [.. node.EnumerateObject().Select(field => (Shown(field.Name), new Answer(field.Value)))] : [];

    private static StepException NoAnswer(Exception? inner)
        => new(ErrorCodes.DaemonUnreachable, "what answered is no daemon of hyper2kvm: its answer cannot be understood", "Check --socket; use ctl and daemon of one version.", inner);

    /// <summary>Names come from files that anybody may have put there: what would steer the terminal is not shown.</summary>
    private static string Shown(string text)
        => text.Any(char.IsControl) ? string.Concat(text.Select(letter => char.IsControl(letter) && letter != '\t' ? '?' : letter)) : text;

    private JsonElement? Field(string name) => node.ValueKind == JsonValueKind.Object && node.TryGetProperty(name, out var field) ? field : null;
}
