using System.Diagnostics;
using System.Net.Sockets;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Sockets;
using Hyper2Kvm.Daemon.Control.Sockets;

namespace Hyper2Kvm.Daemon.Tests.Control;

public sealed class SocketFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryDirectory _directory = new();

    private string SocketPath => _directory.File("control.sock");

    [Fact]
    public void A_socket_is_its_owners_alone_and_leaves_nothing_behind()
    {
        using (SocketFile.Bind(SocketPath, null))
        {
            File.GetUnixFileMode(SocketPath).Should().Be(OwnerOnly);
            Directory.GetFileSystemEntries(_directory.Path).Should().Equal(SocketPath);
        }

        Directory.GetFileSystemEntries(_directory.Path).Should().BeEmpty();
    }

    [Fact]
    public void A_socket_is_never_seen_at_its_place_with_another_mode_or_not_listening()
    {
        using var over = new CancellationTokenSource();
        var seen = new List<string>();
        var watcher = new Thread(() =>
        {
            while (!over.IsCancellationRequested)
            {
                try
                {
                    if (File.GetUnixFileMode(SocketPath) is var mode && mode != OwnerOnly)
                    {
                        seen.Add($"mode {mode}");
                    }
                }
                catch (IOException)
                {
                    // It is not there just now.
                }
            }
        });
        watcher.Start();

        for (var round = 0; round < 200; round++)
        {
            SocketFile.Bind(SocketPath, null).Dispose();
        }

        over.Cancel();
        watcher.Join();
        seen.Should().BeEmpty();
    }

    [Fact]
    public void A_group_may_use_the_socket_and_pass_through_its_folder()
    {
        // A group that this user is in, so that the test needs no rights.
        using var tool = Process.Start(new ProcessStartInfo("id", "-g") { RedirectStandardOutput = true })!;
        var group = tool.StandardOutput.ReadToEnd().Trim();
        File.SetUnixFileMode(_directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        using var socket = SocketFile.Bind(SocketPath, group);

        File.GetUnixFileMode(SocketPath).Should().Be(OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        File.GetUnixFileMode(_directory.Path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute);
    }

    [Fact]
    public void A_group_that_there_is_not_is_named()
        => FluentActions.Invoking(() => SocketFile.Bind(SocketPath, "no-such-group-here")).Should().Throw<StepException>().WithMessage("*no group 'no-such-group-here'*");

    [Fact]
    public void What_a_dead_daemon_left_is_replaced()
    {
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(SocketPath + ".old"));
            File.Move(SocketPath + ".old", SocketPath);
        }

        using var socket = SocketFile.Bind(SocketPath, null);

        Connect(SocketPath);
    }

    [Fact]
    public void What_a_living_daemon_serves_is_refused_and_goes_on()
    {
        using var living = SocketFile.Bind(SocketPath, null);

        FluentActions.Invoking(() => SocketFile.Bind(SocketPath, null)).Should().Throw<StepException>().WithMessage($"another daemon serves {SocketPath}");

        Connect(SocketPath);
    }

    [Fact]
    public void A_living_daemon_that_has_no_time_is_not_taken_for_dead()
    {
        using var busy = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        busy.Bind(new UnixDomainSocketEndPoint(SocketPath));
        busy.Listen(1);
        var waiting = Enumerable.Range(0, 2).Select(_ => Connected(SocketPath)).ToList();

        FluentActions.Invoking(() => SocketFile.Bind(SocketPath, null)).Should().Throw<StepException>().WithMessage("another daemon serves*");
        waiting.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public void A_file_that_is_no_socket_is_not_removed()
    {
        File.WriteAllText(SocketPath, "precious");

        FluentActions.Invoking(() => SocketFile.Bind(SocketPath, null)).Should().Throw<StepException>().WithMessage($"{SocketPath} is there, and cannot be replaced*");

        File.ReadAllText(SocketPath).Should().Be("precious");
    }

    [Fact]
    public void A_path_longer_than_an_address_works()
    {
        var deep = Directory.CreateDirectory(_directory.File(string.Join('/', Enumerable.Repeat("a-long-name-of-a-folder", 8)))).FullName;
        var path = Path.Combine(deep, "control.sock");

        using var socket = SocketFile.Bind(path, null);

        Connect(path);
        Path.Exists(path).Should().BeTrue();
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
        => FluentActions.Invoking(() => SocketFile.Bind(_directory.File("nowhere/control.sock"), null)).Should().Throw<StepException>().WithMessage("*nowhere/control.sock cannot be made*");

    public void Dispose() => _directory.Dispose();

    private static void Connect(string path) => Connected(path).Dispose();

    private static Socket Connected(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var address = UnixSocketAddress.Of(path);
        socket.Connect(address.EndPoint);
        return socket;
    }
}
