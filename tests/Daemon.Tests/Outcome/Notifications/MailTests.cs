using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Outcome.Notifications;
using Hyper2Kvm.Daemon.Outcome.Notifications.Mail;

namespace Hyper2Kvm.Daemon.Tests.Outcome.Notifications;

public sealed partial class MailTests : IDisposable
{
    private static readonly Note Success = Notes.Succeeded(Outcomes.Succeeded());

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualClock _clock = new();
    private readonly LogLines _log = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("starttls", "PLAIN LOGIN")]
    [InlineData("tls", "PLAIN")]
    [InlineData("starttls", "LOGIN")]
    public async Task A_note_is_handed_in_encrypted_and_logged_in(string tls, string ways)
    {
        await using var server = new MailServer(tls, ways: ways);
        await Channel(server, Settings(server, tls)).SendAsync(Success, default);

        var mail = server.Mails.Single();
        (mail.From, mail.User, mail.Encrypted).Should().Be(("<hyper2kvm@example.org>", MailServer.User, true));
        mail.To.Should().Equal("<ops@example.org>", "<boss@example.org>");
        var (headers, body) = Split(mail.Text);
        headers["From"].Should().Be("\"The daemon\" <hyper2kvm@example.org>");
        headers["To"].Should().Be("ops@example.org, boss@example.org");
        headers["Date"].Should().Be("Sun, 01 Mar 2026 12:00:00 +0000");
        Decode(headers["Subject"]).Should().Be("[hyper2kvm] ✅ Conversion Successful");
        body.Should().StartWith("Successfully converted web01.vmdk in 60.0s\r\n\r\nDetails:\r\n=====").And.Contain("\r\noutput_path: /out/2026-03-01/web01\r\n").And.Contain("\r\ntimestamp: 2026-03-01T12:00:00Z\r\n");
        server.Commands.Last().Should().Be("QUIT");
    }

    [Fact]
    public async Task A_relay_on_this_host_needs_neither()
    {
        await using var server = new MailServer("none");
        await Channel(server, Settings(server, "none") with { EmailUsername = null }).SendAsync(Success, default);

        server.Mails.Single().Encrypted.Should().BeFalse();
    }

    [Fact]
    public async Task A_server_that_refuses_twice_gets_the_mail_at_the_third_try()
    {
        var refusals = 2;
        await using var server = new MailServer("starttls", command => command.StartsWith("MAIL", StringComparison.Ordinal) && refusals-- > 0 ? "451 4.7.1 greylisted" : null);
        await using var queue = new NoteQueue(Channel(server, Settings(server, "starttls")), _clock, _log.Log);
        queue.Add(Success);

        await _clock.PassAsync(TimeSpan.FromSeconds(5));
        await _clock.PassAsync(TimeSpan.FromSeconds(30));
        await queue.StopAsync(TimeSpan.FromSeconds(30));

        server.Mails.Should().ContainSingle();
        _log.Lines.Should().BeEmpty();
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_gets_no_password_and_no_mail()
    {
        await using var server = new MailServer("starttls");
        var failure = await FailureAsync(new MailChannel(() => Settings(server, "starttls"), new SmtpClient(trust: null, _clock)));

        failure.Message.Should().Contain("certificate");
        failure.CanPass.Should().BeFalse();
        server.Commands.Should().NotContain(command => command.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_whose_name_is_another_is_not_trusted()
    {
        await using var server = new MailServer("tls");

        (await FailureAsync(Channel(server, Settings(server, "tls") with { EmailSmtpHost = "127.0.0.1" }))).Message.Should().Contain("certificate");
    }

    [Fact]
    public async Task Without_STARTTLS_nothing_is_handed_in_in_the_clear()
    {
        await using var server = new MailServer("none");

        (await FailureAsync(Channel(server, Settings(server, "starttls")))).Message.Should().Contain("STARTTLS");
        (await FailureAsync(Channel(server, Settings(server, "none")))).Message.Should().Contain("no password is sent without TLS");
        server.Commands.Should().OnlyContain(command => command.StartsWith("EHLO [", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_somebody_puts_in_before_the_encryption_is_refused()
    {
        await using var server = new MailServer("starttls", command => command == "STARTTLS" ? "220 ready\r\n250-AUTH PLAIN" : null);

        (await FailureAsync(Channel(server, Settings(server, "starttls")))).Message.Should().Contain("before encryption");
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_it_and_not_tried_again()
    {
        var said = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{MailServer.User}\0{MailServer.Password}"));
        await using var server = new MailServer("tls", command => command.StartsWith("AUTH", StringComparison.Ordinal) ? $"535 5.7.8 '{said}' is wrong" : null);
        await using var queue = new NoteQueue(Channel(server, Settings(server, "tls")), _clock, _log.Log);
        queue.Add(Success);
        await queue.StopAsync(TimeSpan.FromSeconds(30));

        _log.Lines.Should().ContainSingle().Which.Should().Contain("localhost:").And.Contain("535 5.7.8 '…' is wrong").And.NotContain(said).And.NotContain(MailServer.Password);
        server.Commands.Count(command => command.StartsWith("AUTH", StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public async Task A_recipient_who_is_refused_costs_the_others_nothing()
    {
        await using var server = new MailServer("tls", command => command == "RCPT TO:<boss@example.org>" ? "550 5.1.1 no such user" : null);

        var failure = await FailureAsync(Channel(server, Settings(server, "tls")));

        failure.Message.Should().Contain("boss@example.org").And.Contain("the others have it".Replace("others", "other recipients"));
        failure.CanPass.Should().BeFalse("the others would get it twice");
        server.Mails.Single().To.Should().Equal("<ops@example.org>");
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_left_after_a_minute()
    {
        await using var server = new MailServer("tls", command => command.StartsWith("MAIL", StringComparison.Ordinal) ? string.Empty : null);
        var sending = FailureAsync(Channel(server, Settings(server, "tls")));
        await _clock.PassAsync(SmtpClient.Timeout);

        var failure = await sending;
        (failure.CanPass, failure.Message.Contains("did not answer", StringComparison.Ordinal)).Should().Be((true, true));
    }

    [Theory]
    [InlineData("2x0 hm")]
    [InlineData("hello")]
    public async Task What_is_no_SMTP_is_told(string answer)
    {
        await using var server = new MailServer("tls", _ => answer);

        (await FailureAsync(Channel(server, Settings(server, "tls")))).Message.Should().Contain("no SMTP");
    }

    [Fact]
    public async Task An_answer_without_end_fills_no_memory()
    {
        await using var server = new MailServer("tls", _ => new string('2', 1 << 20));

        (await FailureAsync(Channel(server, Settings(server, "tls")))).Message.Should().Contain("no SMTP");
    }

    [Fact]
    public async Task A_file_name_can_add_neither_headers_nor_commands()
    {
        const string Name = "/watch/x\r\nBcc: all@example.org\r\n.\r\nRCPT TO:<all@example.org>\r\n.vmdk";
        await using var server = new MailServer("tls");
        await Channel(server, Settings(server, "tls")).SendAsync(Notes.Failed(Outcomes.Failed(ErrorCodes.InputCorrupt, Outcomes.Source(Name))) with { Title = "a\r\nBcc: all@example.org" }, default);

        var mail = server.Mails.Single();
        mail.To.Should().HaveCount(2);
        var (headers, _) = Split(mail.Text);
        headers.Keys.Should().NotContain("Bcc");
        headers["Subject"].Should().Be("[hyper2kvm] a  Bcc: all@example.org");
        server.Commands.Should().NotContain("RCPT TO:<all@example.org>");
    }

    [Theory]
    [InlineData("ops@example.org\r\nRCPT TO:<all@example.org>")]
    [InlineData("no address")]
    [InlineData("ops@exämple.org")]
    public async Task An_address_that_is_none_is_told_and_sent_to_nobody(string address)
    {
        await using var server = new MailServer("tls");

        (await FailureAsync(Channel(server, Settings(server, "tls") with { EmailTo = [address] }))).Message.Should().Contain("email_to");
        server.Commands.Should().BeEmpty();
    }

    [Fact]
    public async Task A_lone_dot_does_not_end_a_mail()
    {
        await using var server = new MailServer("tls");
        var mail = new MailText("a@example.org", ["b@example.org"], "Subject: x\r\n\r\n.\r\n..\r\n.x\r\nend\r\n");
        await new SmtpClient(server.Trust, _clock).SendAsync(new SmtpServer("localhost", server.Port, "tls", null, null), mail, default);

        server.Mails.Single().Text.Should().Be(mail.Text);
    }

    [Fact]
    public void Any_text_survives_in_a_subject_of_short_words()
    {
        var text = $"Größe 漢字 🐧 {new string('ü', 200)} =?utf-8?B?eA==?= end";

        var words = EncodedWord.Of(text);

        words.Split("\r\n").Should().OnlyContain(line => line.Length <= 76);
        Decode(words.Replace("\r\n", string.Empty)).Should().Be(text);
        EncodedWord.Of("plain text").Should().Be("plain text");
    }

    [Fact]
    public async Task Other_letters_in_the_body_arrive()
    {
        await using var server = new MailServer("tls");
        await Channel(server, Settings(server, "tls")).SendAsync(Success with { Message = $"Größe 漢字 {new string('x', 3000)}" }, default);

        var (headers, body) = Split(server.Mails.Single().Text);
        headers["Content-Transfer-Encoding"].Should().Be("base64");
        Encoding.UTF8.GetString(Convert.FromBase64String(body)).Should().StartWith("Größe 漢字 xxx");
        server.Mails.Single().Text.Split("\r\n").Should().OnlyContain(line => line.Length <= 78);
    }

    private static async Task<NotDelivered> FailureAsync(INoteChannel channel)
        => (await channel.Awaiting(open => open.SendAsync(Success, default)).Should().ThrowAsync<NotDelivered>()).Which;

    private NotificationSettings Settings(MailServer server, string tls)
    {
        File.WriteAllText(_directory.File("password"), MailServer.Password + "\n");
        return new NotificationSettings
        {
            Enabled = true,
            EmailEnabled = true,
            EmailSmtpHost = "localhost",
            EmailSmtpPort = server.Port,
            EmailTls = tls,
            EmailFrom = "The daemon <hyper2kvm@example.org>",
            EmailTo = ["ops@example.org", "boss@example.org"],
            EmailUsername = MailServer.User,
            EmailPassword = $"file:{_directory.File("password")}",
        };
    }

    private MailChannel Channel(MailServer server, NotificationSettings settings) => new(() => settings, new SmtpClient(server.Trust, _clock));

    private static (Dictionary<string, string> Headers, string Body) Split(string text)
    {
        var parts = text.Split("\r\n\r\n", 2);
        var headers = parts[0].Replace("\r\n ", " ").Split("\r\n").Select(line => line.Split(": ", 2)).ToDictionary(line => line[0], line => line[1]);
        return (headers, parts[1]);
    }

    private static string Decode(string header)
        => Word().Replace(BetweenWords().Replace(header, "?==?"), word => Encoding.UTF8.GetString(Convert.FromBase64String(word.Groups[1].Value)));

    [GeneratedRegex(@"=\?utf-8\?B\?([A-Za-z0-9+/=]*)\?=")]
    private static partial Regex Word();

    [GeneratedRegex(@"\?=\s+=\?")]
    private static partial Regex BetweenWords();
}
