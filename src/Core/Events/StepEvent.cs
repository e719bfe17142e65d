using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hyper2Kvm.Core.Events;

/// <summary>What an event says.</summary>
public enum EventType
{
    /// <summary>The step, or the named part of it, began.</summary>
    Started,

    /// <summary>How far it is.</summary>
    Progress,

    /// <summary>Something that a person should know; the step goes on.</summary>
    Warning,

    /// <summary>A disk was read back from the target, and is what was copied.</summary>
    Verified,

    /// <summary>The step failed; nothing of it follows but <see cref="Finished"/> of what was already under way.</summary>
    Error,

    /// <summary>The step, or the named part of it, is done. For a step that serves disks: they can be reached now.</summary>
    Finished,
}

/// <summary>One line of the event stream (NDJSON). Its schema is <c>docs/schema/event.json</c>.</summary>
public sealed record StepEvent
{
    /// <summary>When, UTC.</summary>
    public DateTimeOffset Ts { get; init; }

    /// <summary>Which step: <c>input-vmdk</c>, <c>convert</c>, <c>output-local-setup</c>, <c>copy</c>, <c>supervisor</c> ….</summary>
    public required string Step { get; init; }

    /// <summary>What it says.</summary>
    public EventType Type { get; init; }

    /// <summary>Index of the disk that it is about, from 0.</summary>
    public int? Disk { get; init; }

    /// <summary>How much is done, in <see cref="Unit"/>.</summary>
    public long? Done { get; init; }

    /// <summary>How much there is, in <see cref="Unit"/>.</summary>
    public long? Total { get; init; }

    /// <summary><c>bytes</c>, <c>parts</c> or <c>milliseconds</c>.</summary>
    public string? Unit { get; init; }

    /// <summary>Error code, for example <c>input.truncated</c>.</summary>
    public string? Code { get; init; }

    /// <summary>Digest of a disk's content, <c>ALGORITHM:HEX</c>; see <c>docs/copy.md</c>.</summary>
    public string? Digest { get; init; }

    /// <summary>Text for people.</summary>
    public string? Message { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Hint { get; init; }

    /// <summary>One line of JSON, without a line end.</summary>
    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, EventContext.Default.StepEvent);

    /// <summary>Reads one line; <see langword="null"/> where it is not an event.</summary>
    /// <param name="line">One line of an event stream.</param>
    public static StepEvent? TryParse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, EventContext.Default.StepEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Source-generated JSON of events; one line each.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(EventTypeConverter)])]
[JsonSerializable(typeof(StepEvent))]
public sealed partial class EventContext : JsonSerializerContext;

/// <summary>Event types in lower case.</summary>
internal sealed class EventTypeConverter() : JsonStringEnumConverter<EventType>(JsonNamingPolicy.CamelCase);
