using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Hyper2Kvm.Daemon.Outcome.Notifications.Mail;

/// <summary>Hands one mail to a mail server. Stands where MailKit would (see <c>docs/dependencies.md</c>): System.Net.Mail speaks no TLS from the first byte on.</summary>
/// <remarks>RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 8314 (TLS from the first byte on), RFC 4954 and 4616 (AUTH PLAIN).</remarks>
/// <param name="trust">Whom to trust; <see langword="null"/>: whom the host trusts.</param>
/// <param name="clock">Ends a session that takes too long.</param>
internal sealed class SmtpClient(X509ChainPolicy? trust, TimeProvider clock)
{
    /// <summary>Longest time that one session may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private const int LongestQuote = 200;

    /// <summary>Sends it.</summary>
    /// <param name="server">The server.</param>
    /// <param name="mail">The mail.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="NotDelivered">The server cannot be reached or trusted, or refused; answers of 4xx can pass, of 5xx not.</exception>
    public async Task SendAsync(SmtpServer server, MailText mail, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            await RunAsync(server, mail, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new NotDelivered($"{server} did not answer within {Timeout.TotalSeconds:0} s", canPass: true);
        }
        catch (AuthenticationException untrusted)
        {
            throw new NotDelivered($"{server}: its certificate is not trusted, or it speaks no TLS: {untrusted.Message}", canPass: false);
        }
        catch (Exception lost) when (lost is SocketException or IOException)
        {
            throw new NotDelivered($"{server} cannot be reached: {lost.Message}", canPass: true);
        }
        catch (NotDelivered refused) when (!refused.Message.StartsWith(server.Host, StringComparison.Ordinal))
        {
            throw new NotDelivered($"{server}: {refused.Message}", refused.CanPass);
        }
    }

    private async Task RunAsync(SmtpServer server, MailText mail, CancellationToken cancel)
    {
        await using var connection = await SmtpConnection.OpenAsync(server.Host, server.Port, cancel).ConfigureAwait(false);
        if (server.Tls == "tls")
        {
            await EncryptAsync(connection, server, cancel).ConfigureAwait(false);
        }

        Expect(server, await connection.ReadAsync(cancel).ConfigureAwait(false), 220, "its greeting");
        var extensions = await GreetAsync(connection, server, cancel).ConfigureAwait(false);
        if (server.Tls == "starttls")
        {
            if (!extensions.Contains("STARTTLS", StringComparer.OrdinalIgnoreCase))
            {
                throw new NotDelivered("it offers no STARTTLS; set email_tls: tls for port 465", canPass: false);
            }

            Expect(server, await connection.AskAsync("STARTTLS", cancel).ConfigureAwait(false), 220, "STARTTLS");
            await EncryptAsync(connection, server, cancel).ConfigureAwait(false);
            extensions = await GreetAsync(connection, server, cancel).ConfigureAwait(false);
        }

        if (server.User is not null)
        {
            await LogInAsync(connection, server, extensions, cancel).ConfigureAwait(false);
        }

        await HandInAsync(connection, server, mail, cancel).ConfigureAwait(false);
    }

    private Task EncryptAsync(SmtpConnection connection, SmtpServer server, CancellationToken cancel)
        => connection.EncryptAsync(new SslClientAuthenticationOptions { TargetHost = server.Host, CertificateChainPolicy = trust }, cancel);

    private static async Task<IReadOnlyList<string>> GreetAsync(SmtpConnection connection, SmtpServer server, CancellationToken cancel)
    {
        var reply = await connection.AskAsync($"EHLO {connection.LocalLiteral}", cancel).ConfigureAwait(false);
        Expect(server, reply, 250, "EHLO");
        return [.. reply.Lines.Skip(1)];
    }

    private static async Task LogInAsync(SmtpConnection connection, SmtpServer server, IReadOnlyList<string> extensions, CancellationToken cancel)
    {
        if (!connection.IsEncrypted)
        {
            throw new NotDelivered("no password is sent without TLS; set email_tls", canPass: false);
        }

        var ways = extensions.FirstOrDefault(line => line.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase))?.ToUpperInvariant().Split(' ')[1..] ?? [];
        if (ways.Contains("PLAIN"))
        {
            Expect(server, await connection.AskAsync($"AUTH PLAIN {Base64($"\0{server.User}\0{server.Password}")}", cancel).ConfigureAwait(false), 235, "the login");
        }
        else if (ways.Contains("LOGIN"))
        {
            Expect(server, await connection.AskAsync("AUTH LOGIN", cancel).ConfigureAwait(false), 334, "the login");
            Expect(server, await connection.AskAsync(Base64(server.User!), cancel).ConfigureAwait(false), 334, "the login");
            Expect(server, await connection.AskAsync(Base64(server.Password!), cancel).ConfigureAwait(false), 235, "the login");
        }
        else
        {
            throw new NotDelivered("it offers neither AUTH PLAIN nor AUTH LOGIN", canPass: false);
        }
    }

    private static async Task HandInAsync(SmtpConnection connection, SmtpServer server, MailText mail, CancellationToken cancel)
    {
        Expect(server, await connection.AskAsync($"MAIL FROM:<{mail.From}>", cancel).ConfigureAwait(false), 250, "the sender");
        var refused = new List<NotDelivered>();
        foreach (var recipient in mail.To)
        {
            var reply = await connection.AskAsync($"RCPT TO:<{recipient}>", cancel).ConfigureAwait(false);
            if (reply.Code is not (250 or 251))
            {
                refused.Add(Refusal(server, reply, recipient));
            }
        }

        if (refused.Count == mail.To.Count)
        {
            throw refused.FirstOrDefault() ?? new NotDelivered("email_to names nobody", canPass: false);
        }

        Expect(server, await connection.AskAsync("DATA", cancel).ConfigureAwait(false), 354, "DATA");
        Expect(server, await connection.SendTextAsync(mail.Text, cancel).ConfigureAwait(false), 250, "the mail");
        try
        {
            await connection.AskAsync("QUIT", cancel).ConfigureAwait(false);
        }
        catch (Exception late) when (late is IOException or NotDelivered or OperationCanceledException)
        {
            // It has the mail.
        }

        if (refused.Count > 0)
        {
            // Not tried again: the others have it.
            throw new NotDelivered($"{string.Join("; ", refused.Select(refusal => refusal.Message))}; the other recipients have it", canPass: false);
        }
    }

    private static void Expect(SmtpServer server, SmtpReply reply, int code, string what)
    {
        if (reply.Code != code)
        {
            throw Refusal(server, reply, what);
        }
    }

    /// <summary>What the server said, without what it may repeat of the login.</summary>
    private static NotDelivered Refusal(SmtpServer server, SmtpReply reply, string what)
    {
        var said = EncodedWord.OneLine(string.Join(' ', reply.Lines));
        if (server.Password is { Length: > 0 } password)
        {
            foreach (var secret in new[] { password, Base64(password), Base64($"\0{server.User}\0{password}") })
            {
                said = said.Replace(secret, "…", StringComparison.Ordinal);
            }
        }

        return new NotDelivered($"it refused {what}: {reply.Code} {(said.Length > LongestQuote ? said[..LongestQuote] : said)}", canPass: reply.Code is >= 400 and < 500);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
