using System.Text.Json.Serialization;

namespace Hyper2Kvm.Daemon.Control;

/// <summary>One line that a client sends. A command refuses fields that it does not take.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ControlRequest
{
    /// <summary>What is wanted; see the commands of <c>docs/daemon-control.md</c>.</summary>
    public required string Command { get; init; }

    /// <summary>Id of a job, or name of its guest (the newest job of that name).</summary>
    public string? Id { get; init; }

    /// <summary>Only jobs in this state: <c>queued</c>, <c>running</c>, <c>retrying</c>, <c>succeeded</c>, <c>failed</c>, <c>skipped</c> or <c>cancelled</c>.</summary>
    public string? State { get; init; }

    /// <summary>Most jobs that are given, 1 to 1000; 100 where it is missing.</summary>
    public int? Limit { get; init; }

    /// <summary>Most lines of a log that are given, 1 to 10000; 100 where it is missing.</summary>
    public int? Lines { get; init; }
}
