using Hyper2Kvm.Daemon.Configuration;

namespace Hyper2Kvm.Daemon.Outcome.Notifications.Mail;

/// <summary>Notes as mail.</summary>
/// <param name="settings">The configuration that is in force.</param>
/// <param name="client">Hands it in.</param>
internal sealed class MailChannel(Func<NotificationSettings> settings, SmtpClient client) : INoteChannel
{
    /// <inheritdoc/>
    public string Name => $"mail {settings().EmailSmtpHost}:{settings().EmailSmtpPort}";

    /// <inheritdoc/>
    public bool IsConfigured => settings() is { Enabled: true, EmailEnabled: true, EmailSmtpHost.Length: > 0 };

    /// <inheritdoc/>
    public Task SendAsync(Note note, CancellationToken cancel)
    {
        var current = settings();
        var user = string.IsNullOrEmpty(current.EmailUsername) ? null : current.EmailUsername;
        var password = user is null ? null : Secret.Read(current.EmailPassword ?? string.Empty, "email_password");
        var mail = MailText.Of(note, current.EmailFrom ?? string.Empty, current.EmailTo);
        return client.SendAsync(new SmtpServer(current.EmailSmtpHost!, current.EmailSmtpPort, current.EmailTls, user, password), mail, cancel);
    }
}
