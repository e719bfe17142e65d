using System.Text.Json.Serialization;

namespace Hyper2Kvm.Daemon.Control.Answers;

/// <summary>What a client is told: one line on the control socket, the body over HTTP.</summary>
internal abstract record Answer
{
    /// <summary><c>ok</c> or <c>error</c>.</summary>
    [JsonPropertyOrder(-1)]
    public virtual string Status => "ok";

    /// <summary>Its status over HTTP.</summary>
    [JsonIgnore]
    public virtual int HttpStatus => 200;
}

/// <summary>Something was done.</summary>
internal sealed record MessageAnswer : Answer
{
    /// <summary>What was done, for people.</summary>
    public required string Message { get; init; }
}

/// <summary>What the daemon does.</summary>
internal sealed record StatusAnswer : Answer
{
    /// <summary>Whether no new job is begun.</summary>
    public required bool Paused { get; init; }

    /// <summary>Whether the daemon ends when its queue is empty.</summary>
    public required bool Draining { get; init; }

    /// <summary>Jobs that wait, for a place or for their retry.</summary>
    public required int QueueDepth { get; init; }

    /// <summary>Jobs that run.</summary>
    public required int Running { get; init; }

    /// <summary>Seconds since this process began.</summary>
    public required double UptimeSeconds { get; init; }

    /// <summary>Version of the product.</summary>
    public required string Version { get; init; }

    /// <summary>Process id of the daemon.</summary>
    public required int Pid { get; init; }
}

/// <summary>Lines of a log, oldest first.</summary>
internal sealed record LogsAnswer : Answer
{
    /// <summary>The lines.</summary>
    public required IReadOnlyList<string> Lines { get; init; }
}

/// <summary>The configuration was read again.</summary>
internal sealed record ReloadAnswer : Answer
{
    /// <summary>What was done, for people.</summary>
    public required string Message { get; init; }

    /// <summary>What changed, a line each; keys that need a restart say so.</summary>
    public required IReadOnlyList<string> Changes { get; init; }
}

/// <summary>Test notes were sent.</summary>
internal sealed record NotifyTestAnswer : Answer
{
    /// <summary>A line for each way: where, and whether it worked.</summary>
    public required IReadOnlyList<string> Results { get; init; }
}
