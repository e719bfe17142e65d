namespace Hyper2Kvm.Daemon.Configuration;

/// <summary>How the daemon is talked to. The control socket is always there, mode 0600.</summary>
internal sealed record ControlSettings
{
    /// <summary>Group that may use the sockets too (mode 0660).</summary>
    public string? Group { get; init; }

    /// <summary>Whether the API is served over HTTP on <c>OUTPUT/.daemon/http.sock</c>.</summary>
    public bool Http { get; init; } = true;

    /// <summary>Loopback address and port (<c>127.0.0.1:8642</c>) that HTTP is served on too; needs <see cref="HttpToken"/>.</summary>
    public string? HttpListen { get; init; }

    /// <summary><c>file:PATH</c> or <c>env:NAME</c> that holds the token that callers on <see cref="HttpListen"/> must bear.</summary>
    public string? HttpToken { get; init; }
}
