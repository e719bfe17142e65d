namespace Hyper2Kvm.Daemon.Control;

/// <summary>What one client may cost. The values are in <c>docs/daemon-control.md</c>.</summary>
internal sealed record ControlLimits
{
    /// <summary>Longest request, bytes without the line end.</summary>
    public int RequestBytes { get; init; } = 1024 * 1024;

    /// <summary>Most connections to the control socket at once.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>How long a request may take from its first byte to its line end, and a connection be silent between two requests.</summary>
    public TimeSpan RequestTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may take to read one answer.</summary>
    public TimeSpan AnswerTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long answers that are under way are waited for when the daemon ends.</summary>
    public TimeSpan Farewell { get; init; } = TimeSpan.FromSeconds(2);
}
