using System.Net.Sockets;

namespace Hyper2Kvm.Ctl.Tests;

public sealed class UnreachableTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string SocketPath => _directory.File(".daemon/control.sock");

    [Fact]
    public async Task No_socket_is_named_with_the_question_whether_the_daemon_runs()
    {
        var result = await Product.CtlAsync("status", "--output-dir", _directory.Path);

        result.ExitCode.Should().Be(96);
        result.ErrorText.Should().Contain($"daemon control socket not found: {SocketPath}").And.Contain("Is the daemon running?");
    }

    [Fact]
    public async Task A_socket_that_nobody_serves_is_told_from_none()
    {
        using (var dead = Listen())
        {
            File.Move(SocketPath, SocketPath + ".kept");
        }

        var result = await Product.AskAsync(SocketPath + ".kept", "status");

        result.ExitCode.Should().Be(96);
        result.ErrorText.Should().Contain($"nobody answers on {SocketPath}.kept: Connection refused");
    }

    [Fact]
    public async Task A_daemon_that_does_not_answer_is_waited_for_only_so_long()
    {
        using var silent = Listen();

        var result = await Product.AskAsync(SocketPath, "status", "--timeout", "0.3");

        result.ExitCode.Should().Be(96);
        result.ErrorText.Should().Contain("did not answer within 0.3 s");
    }

    [Theory]
    [InlineData("hello\n", "cannot be understood")]
    [InlineData("{\"status\":\"maybe\"}\n", "cannot be understood")]
    [InlineData("{\"status\":", "closed before the answer")]
    public async Task What_is_no_answer_is_told(string answer, string message)
    {
        using var other = Listen();
        var serving = Task.Run(async () =>
        {
            using var client = await other.AcceptAsync();
            await client.ReceiveAsync(new byte[4096]);
            await client.SendAsync(System.Text.Encoding.UTF8.GetBytes(answer));
        });

        var result = await Product.AskAsync(SocketPath, "status");
        await serving;

        result.ExitCode.Should().Be(96);
        result.ErrorText.Should().Contain(message);
    }

    [Theory]
    [InlineData("--timeout", "0")]
    [InlineData("--timeout", "x")]
    [InlineData("--colour", "red")]
    public async Task A_wrong_command_line_is_refused(string option, string value)
        => (await Product.CtlAsync("status", option, value)).ExitCode.Should().Be(2);

    public void Dispose() => _directory.Dispose();

    private Socket Listen()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(SocketPath));
        socket.Listen();
        return socket;
    }
}
