using System.Text.Json.Serialization;

namespace Hyper2Kvm.Daemon.Control.Answers;

/// <summary>A request was refused, or failed.</summary>
internal sealed record ErrorAnswer : Answer
{
    /// <inheritdoc/>
    public override string Status => "error";

    /// <summary>What kind of refusal or failure; stable.</summary>
    public required string Code { get; init; }

    /// <summary>What happened.</summary>
    public required string Message { get; init; }

    /// <summary>What to do about it.</summary>
    public required string Hint { get; init; }

    /// <summary>The commands that there are; where the one that was asked for is none.</summary>
    public IReadOnlyList<string>? AvailableCommands { get; init; }

    /// <summary>Its status over HTTP.</summary>
    [JsonIgnore]
    public int FailureStatus { get; init; } = 500;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int HttpStatus => FailureStatus;
}
