using System.Net;
using System.Net.Sockets;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Tests.Control.Support;

namespace Hyper2Kvm.Daemon.Tests.Control;

/// <summary>HTTP on a loopback address, where every program and every page in a browser of this machine can knock.</summary>
public sealed class LoopbackTests : IDisposable
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    private readonly TemporaryDirectory _directory = new();
    private readonly int _port = FreePort();

    [Theory]
    [InlineData("GET", "/v1/status")]
    [InlineData("GET", "/health")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/openapi/v1.json")]
    [InlineData("GET", "/nowhere")]
    [InlineData("POST", "/v1/pause")]
    public async Task Nothing_is_answered_without_the_token(string method, string path)
    {
        await using var control = Listening();
        using var none = HttpCaller.On(_port, null);
        using var wrong = HttpCaller.On(_port, Token[..^1] + "0");
        using var right = HttpCaller.On(_port, Token);

        (await none.CallAsync(method, path)).Should().Match<(int Status, string Body)>(answer => answer.Status == 401 && answer.Body.Contains("request.unauthorized"));
        (await wrong.CallAsync(method, path)).Status.Should().Be(401);
        control.Daemon.Asked.Should().BeEmpty();
        (await right.CallAsync(method, path)).Status.Should().Be(path == "/nowhere" ? 404 : 200);
    }

    [Theory]
    [InlineData("evil.example", 421)]
    [InlineData("127.0.0.1.evil.example", 421)]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1:1", 200)]
    [InlineData("[::1]", 200)]
    public async Task A_page_whose_name_was_made_to_point_here_is_refused_even_with_the_token(string host, int status)
    {
        await using var control = Listening();
        using var http = HttpCaller.On(_port, Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/status");
        request.Headers.Host = host;

        using var answer = await http.SendAsync(request);

        ((int)answer.StatusCode).Should().Be(status);
    }

    [Fact]
    public async Task The_Unix_socket_beside_it_needs_no_token()
    {
        await using var control = Listening();
        using var http = HttpCaller.On(control.HttpPath);

        (await http.CallAsync("GET", "/v1/status")).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("0.0.0.0:8642", "*no loopback address*")]
    [InlineData("192.0.2.1:8642", "*no loopback address*")]
    [InlineData("[::]:8642", "*no loopback address*")]
    [InlineData("127.0.0.1", "*no address with a port*")]
    [InlineData("::1", "*no address with a port*")]
    [InlineData("here:8642", "*no address with a port*")]
    public void Only_a_loopback_address_with_a_port_is_taken(string address, string message)
        => Refused(new ControlSettings { HttpListen = address, HttpToken = TokenFile(Token) }).WithMessage(message);

    [Theory]
    [InlineData("short", "*has 5 characters*")]
    [InlineData("", "*has 0 characters*")]
    public void A_token_that_can_be_guessed_is_refused(string token, string message)
        => Refused(new ControlSettings { HttpListen = $"127.0.0.1:{_port}", HttpToken = TokenFile(token) }).WithMessage(message);

    [Fact]
    public void A_token_that_others_can_read_is_refused()
    {
        var source = TokenFile(Token);
        File.SetUnixFileMode(source[5..], UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Refused(new ControlSettings { HttpListen = $"127.0.0.1:{_port}", HttpToken = source }).WithMessage("*others may read*");
    }

    [Theory]
    [InlineData(null, "*needs control.http_token*")]
    [InlineData("0123456789abcdef0123456789abcdef", "*no known form*")]
    [InlineData("file:/nowhere/token", "*/nowhere/token cannot be read*")]
    [InlineData("env:HYPER2KVM_TEST_NO_SUCH_TOKEN", "*has 0 characters*")]
    public void A_token_is_needed_and_comes_from_a_file_or_the_environment(string? source, string message)
        => Refused(new ControlSettings { HttpListen = $"127.0.0.1:{_port}", HttpToken = source }).WithMessage(message);

    [Fact]
    public void A_port_that_is_taken_is_named_and_no_socket_is_left()
    {
        using var taken = new TcpListener(IPAddress.Loopback, _port);
        taken.Start();

        Refused(new ControlSettings { HttpListen = $"127.0.0.1:{_port}", HttpToken = TokenFile(Token) }).WithMessage($"*127.0.0.1:{_port} cannot be listened on*");
    }

    public void Dispose() => _directory.Dispose();

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static FluentAssertions.Specialized.ExceptionAssertions<StepException> Refused(ControlSettings settings)
        => FluentActions.Invoking(() => new RunningControl(settings: settings)).Should().Throw<StepException>();

    private RunningControl Listening() => new(settings: new ControlSettings { HttpListen = $"127.0.0.1:{_port}", HttpToken = TokenFile(Token) });

    private string TokenFile(string token)
    {
        var path = _directory.File("token");
        File.WriteAllText(path, token + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return $"file:{path}";
    }
}
