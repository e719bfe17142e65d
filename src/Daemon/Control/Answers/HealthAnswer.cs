using System.Text.Json.Serialization;

namespace Hyper2Kvm.Daemon.Control.Answers;

/// <summary>Whether the daemon does what it is there for.</summary>
internal sealed record HealthAnswer : Answer
{
    /// <summary><c>ok</c>, or <c>stalled</c>: jobs wait for a place, none was begun or ended for an hour, and nobody paused it.</summary>
    public required string Health { get; init; }

    /// <summary>Whether no new job is begun.</summary>
    public required bool Paused { get; init; }

    /// <summary>Whether the daemon ends when its queue is empty.</summary>
    public required bool Draining { get; init; }

    /// <summary>Jobs that wait, for a place or for their retry.</summary>
    public required int QueueDepth { get; init; }

    /// <summary>Jobs that run.</summary>
    public required int Running { get; init; }

    /// <summary>Minutes in which nothing happened although jobs wait for a place; 0 while one runs, while paused, and where none waits.</summary>
    public required double IdleMinutes { get; init; }

    /// <summary>When a job ended last, or this process began, UTC.</summary>
    public required DateTimeOffset LastActivity { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override int HttpStatus => Health == "ok" ? 200 : 503;
}
