using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Hyper2Kvm.Daemon.Outcome.Errors;

/// <summary><c>NAME.error.json</c>: all that a person needs to see why a guest failed, when its work directory is gone. Holds no secret.</summary>
internal sealed record ErrorContext
{
    /// <summary>Name of the guest's first file.</summary>
    public required string Filename { get; init; }

    /// <summary>Where that was when it was tried.</summary>
    public required string Filepath { get; init; }

    /// <summary>Size of all its files, MiB.</summary>
    public required double FileSizeMb { get; init; }

    /// <summary>When the last try ended, UTC.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>What happened.</summary>
    public required string Error { get; init; }

    /// <summary>Its code, <c>input.corrupt</c>.</summary>
    public required string ErrorCode { get; init; }

    /// <summary>The step that failed and its exit code: <c>copy (exit 68)</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>The step alone.</summary>
    public required string Step { get; init; }

    /// <summary>Exit code alone.</summary>
    public required int ExitCode { get; init; }

    /// <summary>The exception in the step's log.</summary>
    public string? ExceptionTraceback { get; init; }

    /// <summary>What to do.</summary>
    public required string Suggestion { get; init; }

    /// <summary>Id of the job.</summary>
    public required string JobId { get; init; }

    /// <summary>How often it was tried again.</summary>
    public required int RetryCount { get; init; }

    /// <summary>Versions and free space.</summary>
    public required SystemInfo SystemInfo { get; init; }

    /// <summary>Last lines of the step's log.</summary>
    public required IReadOnlyList<string> LogLines { get; init; }

    /// <summary>Last events of the step, of its progress the last only.</summary>
    public required IReadOnlyList<JsonNode> Events { get; init; }
}

/// <summary>The host when a guest failed.</summary>
internal sealed record SystemInfo
{
    /// <summary>Version of hyper2kvm.</summary>
    public required string Hyper2kvmVersion { get; init; }

    /// <summary>Version of the runtime.</summary>
    public required string DotnetVersion { get; init; }

    /// <summary>Release of the kernel.</summary>
    public required string Kernel { get; init; }

    /// <summary>What nbdkit says of itself; <see langword="null"/> where it is not installed.</summary>
    public string? NbdkitVersion { get; init; }

    /// <summary>What qemu-img says of itself; <see langword="null"/> where it is not installed.</summary>
    public string? QemuVersion { get; init; }

    /// <summary>Free space where the source is, GiB; <see langword="null"/> where nobody knows.</summary>
    public double? SourceFreeGb { get; init; }

    /// <summary>Free space where the job's work directory is, GiB.</summary>
    public double? WorkFreeGb { get; init; }

    /// <summary>Free space where the guest was to be put, GiB.</summary>
    public double? OutputFreeGb { get; init; }
}

/// <summary>Source-generated JSON of error contexts, names in snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ErrorContext))]
internal sealed partial class ErrorContextJson : JsonSerializerContext;
