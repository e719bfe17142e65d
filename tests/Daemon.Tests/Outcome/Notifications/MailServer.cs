using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Hyper2Kvm.Daemon.Tests.Outcome.Notifications;

/// <summary>A mail that the server took.</summary>
internal sealed record ReceivedMail(string From, IReadOnlyList<string> To, string Text, string? User, bool Encrypted);

/// <summary>A real SMTP server on loopback with a certificate of its own for "localhost". It says what it is told to, where it is told something.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    public const string User = "daemon@example.org";
    public const string Password = "pass wörd";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate = MakeCertificate();
    private readonly CancellationTokenSource _stop = new();
    private readonly string _tls;
    private readonly Func<string, string?>? _answer;
    private readonly Task _serving;

    /// <summary>Begins to serve.</summary>
    /// <param name="tls">starttls, tls or none.</param>
    /// <param name="answer">An answer of its own to a command; null: the usual one; empty: none at all.</param>
    /// <param name="ways">Of logging in.</param>
    public MailServer(string tls, Func<string, string?>? answer = null, string ways = "PLAIN LOGIN")
    {
        (_tls, _answer, Ways) = (tls, answer, ways);
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Ways { get; }

    public ConcurrentQueue<ReceivedMail> Mails { get; } = new();

    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>Trusts this server and no other.</summary>
    public X509ChainPolicy Trust => new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { _certificate }, RevocationMode = X509RevocationMode.NoCheck };

    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        _listener.Stop();
        await _serving;
        _certificate.Dispose();
        _stop.Dispose();
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                try
                {
                    await SessionAsync(client.GetStream());
                }
                catch (Exception gone) when (gone is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // The client went away.
                }
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task SessionAsync(Stream stream)
    {
        if (_tls == "tls")
        {
            stream = await EncryptAsync(stream);
        }

        var reader = new StreamReader(stream, Encoding.Latin1);
        var (user, from, to) = ((string?)null, string.Empty, new List<string>());
        async Task SayAsync(string line) => await stream.WriteAsync(Encoding.UTF8.GetBytes($"{line}\r\n"), _stop.Token);
        async Task<string> HearAsync() => await reader.ReadLineAsync(_stop.Token) ?? throw new IOException("closed");
        async Task<string> HearBase64Async() => Encoding.UTF8.GetString(Convert.FromBase64String(await HearAsync()));
        async Task LoggedInAsync(string name, string password)
        {
            user = name == User && password == Password ? name : null;
            await SayAsync(user is null ? "535 5.7.8 wrong" : "235 2.7.0 welcome");
        }

        await SayAsync("220 localhost ESMTP");
        while (true)
        {
            var command = await HearAsync();
            Commands.Enqueue(command);
            var answer = _answer?.Invoke(command);
            if (answer is not null)
            {
                if (answer.Length > 0)
                {
                    await SayAsync(answer);
                }

                continue;
            }

            switch (command.Split(' ', ':')[0])
            {
                case "EHLO":
                    var encrypted = stream is SslStream;
                    await SayAsync($"250-localhost\r\n{(_tls == "starttls" && !encrypted ? "250-STARTTLS\r\n" : string.Empty)}{(encrypted ? $"250-AUTH {Ways}\r\n" : string.Empty)}250 8BITMIME");
                    break;
                case "STARTTLS":
                    await SayAsync("220 2.0.0 ready");
                    stream = await EncryptAsync(stream);
                    reader = new StreamReader(stream, Encoding.Latin1);
                    break;
                case "AUTH" when command.StartsWith("AUTH PLAIN ", StringComparison.Ordinal):
                    var parts = Encoding.UTF8.GetString(Convert.FromBase64String(command[11..])).Split('\0');
                    await LoggedInAsync(parts[1], parts[2]);
                    break;
                case "AUTH":
                    await SayAsync("334 VXNlcm5hbWU6");
                    var name = await HearBase64Async();
                    await SayAsync("334 UGFzc3dvcmQ6");
                    await LoggedInAsync(name, await HearBase64Async());
                    break;
                case "MAIL":
                    from = command["MAIL FROM:".Length..];
                    await SayAsync("250 2.1.0 ok");
                    break;
                case "RCPT":
                    to.Add(command["RCPT TO:".Length..]);
                    await SayAsync("250 2.1.5 ok");
                    break;
                case "DATA":
                    await SayAsync("354 go on");
                    var text = new StringBuilder();
                    for (var line = await HearAsync(); line != "."; line = await HearAsync())
                    {
                        text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
                    }

                    Mails.Enqueue(new ReceivedMail(from, [.. to], text.ToString(), user, stream is SslStream));
                    await SayAsync("250 2.0.0 queued");
                    break;
                case "QUIT":
                    await SayAsync("221 bye");
                    return;
                default:
                    await SayAsync("500 what?");
                    break;
            }
        }
    }

    private async Task<SslStream> EncryptAsync(Stream stream)
    {
        var encrypted = new SslStream(stream);
        await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        return encrypted;
    }
}
