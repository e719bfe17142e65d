using System.Text.Json.Serialization;

namespace Hyper2Kvm.Copy.Journal;

/// <summary>One line of a journal: the first has <see cref="Header"/>, each that follows what was finished since the one before, or the header of another copy.</summary>
internal sealed record JournalLine
{
    /// <summary>What is copied where.</summary>
    public JournalHeader? Header { get; init; }

    /// <summary>Ranges of the disk that are on stable storage: offset and length in bytes, in turn.</summary>
    public ulong[]? Done { get; init; }

    /// <summary>Of a qcow2 image, where those ranges are.</summary>
    public ClusterRun[]? Clusters { get; init; }

    /// <summary>All of the disk is there, and the target is closed.</summary>
    public bool Complete { get; init; }
}

/// <summary>What a journal belongs to. What is copied to something else, or from something else, or in another way, is another copy.</summary>
internal sealed record JournalHeader
{
    /// <summary>Of this form of journal.</summary>
    public const int CurrentVersion = 1;

    /// <summary><see cref="CurrentVersion"/>.</summary>
    public int Version { get; init; }

    /// <summary>The source, as <see cref="EndpointIdentity"/> names it.</summary>
    public required string Source { get; init; }

    /// <summary>The target, as <see cref="EndpointIdentity"/> names it.</summary>
    public required string Target { get; init; }

    /// <summary>Of the disk, bytes.</summary>
    public ulong Size { get; init; }

    /// <summary>Form of the target file.</summary>
    public required string Format { get; init; }
}

/// <summary>L2 entries of neighbouring guest clusters. Those of plain clusters grow by the cluster size, one after another.</summary>
/// <param name="First">Number of the first guest cluster.</param>
/// <param name="Entry">Its L2 entry.</param>
/// <param name="Count">How many.</param>
internal readonly record struct ClusterRun(ulong First, ulong Entry, int Count);

/// <summary>Source-generated JSON of journals, a line each.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(JournalLine))]
internal sealed partial class JournalContext : JsonSerializerContext;
