namespace Hyper2Kvm.Daemon.Configuration;

/// <summary>Who is told what.</summary>
internal sealed record NotificationSettings
{
    /// <summary>Whether anybody is.</summary>
    public bool Enabled { get; init; }

    /// <summary>Tell guests that are ready.</summary>
    public bool OnSuccess { get; init; }

    /// <summary>Tell guests that failed for good.</summary>
    public bool OnFailure { get; init; } = true;

    /// <summary>Tell a queue that does not move.</summary>
    public bool OnStalled { get; init; } = true;

    /// <summary>Where a webhook is sent; <c>file:PATH</c> and <c>env:NAME</c> keep it out of the configuration.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>Whose form it has: <c>slack</c>, <c>discord</c>, <c>generic</c>.</summary>
    public string WebhookType { get; init; } = "generic";

    /// <summary>Whether mail is sent.</summary>
    public bool EmailEnabled { get; init; }

    /// <summary>Mail server.</summary>
    public string? EmailSmtpHost { get; init; }

    /// <summary>Its port: 587 for STARTTLS, 465 for TLS.</summary>
    public int EmailSmtpPort { get; init; } = 587;

    /// <summary><c>starttls</c>, <c>tls</c> or <c>none</c> (a relay on this host).</summary>
    public string EmailTls { get; init; } = "starttls";

    /// <summary>Sender.</summary>
    public string? EmailFrom { get; init; }

    /// <summary>Recipients.</summary>
    public IReadOnlyList<string> EmailTo { get; init; } = [];

    /// <summary>User at the mail server; none: nobody logs in.</summary>
    public string? EmailUsername { get; init; }

    /// <summary><c>file:PATH</c> or <c>env:NAME</c> that holds the password.</summary>
    public string? EmailPassword { get; init; }
}
