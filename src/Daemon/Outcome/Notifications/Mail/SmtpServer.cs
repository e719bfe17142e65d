namespace Hyper2Kvm.Daemon.Outcome.Notifications.Mail;

/// <summary>Where mail is handed in.</summary>
/// <param name="Host">Name; its certificate has to bear it.</param>
/// <param name="Port">Port.</param>
/// <param name="Tls"><c>starttls</c>, <c>tls</c> or <c>none</c>.</param>
/// <param name="User">Who logs in; <see langword="null"/>: nobody.</param>
/// <param name="Password">With what; never part of a text.</param>
internal sealed record SmtpServer(string Host, int Port, string Tls, string? User, string? Password)
{
    /// <summary>Host and port alone.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
