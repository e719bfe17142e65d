using System.Text.Json;
using System.Text.Json.Serialization;
using Hyper2Kvm.Helpers.Output.Disks;

namespace Hyper2Kvm.Helpers.Output.Undo;

/// <summary>What was done, or was about to be done, on the target.</summary>
internal enum UndoAct
{
    /// <summary>A setup began; all that stands before is history.</summary>
    Begin,

    /// <summary>A file is about to be made under a temporary name.</summary>
    Create,

    /// <summary>It was made; now its identity is known.</summary>
    Created,

    /// <summary>It is about to get its final name.</summary>
    Rename,

    /// <summary>A libvirt pool lists what we made.</summary>
    Pool,

    /// <summary>A libvirt domain is about to be defined.</summary>
    Define,

    /// <summary>The servers of the target disks have ended in order: all that was written is in the files.</summary>
    Closed,

    /// <summary>Everything above was taken back.</summary>
    Undone,
}

/// <summary>One line of <c>undo.ndjson</c>.</summary>
internal sealed record UndoRecord
{
    /// <summary>What.</summary>
    public required UndoAct Act { get; init; }

    /// <summary>Format of the file, in the first line of a setup.</summary>
    public string? Schema { get; init; }

    /// <summary>Unique word in the temporary names of this setup.</summary>
    public string? Token { get; init; }

    /// <summary>File: the temporary one (create, created), or the final one (rename).</summary>
    public string? Path { get; init; }

    /// <summary>Final name of a temporary file, in the same directory.</summary>
    public string? Target { get; init; }

    /// <summary>Index of the disk that the file holds.</summary>
    public int? Disk { get; init; }

    /// <summary>Device of the file.</summary>
    public ulong? Device { get; init; }

    /// <summary>Inode of the file.</summary>
    public ulong? Inode { get; init; }

    /// <summary>Birth of the file, nanoseconds since 1970; 0 where the file system keeps none.</summary>
    public long? Born { get; init; }

    /// <summary>Connection of libvirt.</summary>
    public string? Uri { get; init; }

    /// <summary>Storage pool.</summary>
    public string? Pool { get; init; }

    /// <summary>Domain.</summary>
    public string? Domain { get; init; }

    /// <summary>UUID of the domain.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>Identity of the file, where it is known.</summary>
    [JsonIgnore]
    public FileIdentity? Identity => Device is { } device && Inode is { } inode ? new FileIdentity(device, inode, Born ?? 0) : null;

    /// <summary>One line of JSON.</summary>
    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, UndoContext.Default.UndoRecord);

    /// <summary>Reads one line; <see langword="null"/> where it is not a record (a write that a kill cut short: its act was not begun).</summary>
    /// <param name="line">The line.</param>
    public static UndoRecord? TryParse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, UndoContext.Default.UndoRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Source-generated JSON of the journal.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UndoActConverter)])]
[JsonSerializable(typeof(UndoRecord))]
internal sealed partial class UndoContext : JsonSerializerContext;

/// <summary>Acts in lower case.</summary>
internal sealed class UndoActConverter() : JsonStringEnumConverter<UndoAct>(JsonNamingPolicy.CamelCase);
