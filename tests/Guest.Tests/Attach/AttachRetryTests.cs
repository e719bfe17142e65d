using System.Net.Sockets;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Attach;

public sealed class AttachRetryTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly ImmediateClock _clock = new();
    private readonly List<AttachRetry> _retries = [];

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_server_that_refuses_the_first_two_of_three_connections_is_attached() => AttachRefused(6);

    [Fact]
    [Trait("speed", "slow")]
    public void A_server_that_refuses_the_first_two_of_three_connections_is_attached_200_times() => AttachRefused(200);

    [Fact]
    public void Each_try_that_is_made_again_is_told_with_its_reason_and_waits_twice_as_long_with_jitter()
    {
        // What is left of a server that was killed: connect(2) says ECONNREFUSED of any file that nobody listens on.
        File.WriteAllText(_scratch.File("in0"), string.Empty);
        var opening = () => Open("in0", new AttachRetries { Attempts = 8 });

        opening.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertDisk).WithMessage("disk 0 (*in0) cannot be attached after 8 tries: *Connection refused");
        _retries.Select(retry => (retry.Disk, retry.Attempt, retry.Attempts)).Should().Equal(Enumerable.Range(2, 7).Select(attempt => (0, attempt, 8)));
        _retries.Should().OnlyContain(retry => retry.Reason.Contains("Connection refused") && retry.Message.Contains("in0"));
        _clock.Waits.Should().Equal(_retries.Select(retry => retry.Delay));
        double[] most = [0.5, 1, 2, 4, 8, 10, 10];
        _clock.Waits.Select((wait, index) => wait.TotalSeconds / most[index]).Should().OnlyContain(part => part >= 0.5 && part <= 1);
    }

    [Fact]
    public void A_socket_that_comes_a_moment_later_is_attached()
    {
        var disk = new DiskImage(_scratch, "a").Sized(DiskImage.MiB);
        Core.Servers.NbdServer? server = null;
        try
        {
            var options = Options(new AttachRetries()) with { OnRetry = retry => server = NbdkitDisk.Serve(disk.Path, retry.Path) };
            using var machine = GuestMachine.Open([GuestDiskSource.Socket(_scratch.File("in0"))], _scratch.Path, options);
            machine.Disks.Single().Length.Should().Be(DiskImage.MiB);
        }
        finally
        {
            server?.Dispose();
        }
    }

    [Fact]
    public void What_is_no_nbd_server_an_export_that_is_missing_and_an_empty_disk_are_final()
    {
        using var listener = Listen("junk", backlog: 1);
        var answering = new Thread(() =>
        {
            try
            {
                using var client = listener.Accept();
                client.Send("HTTP/1.1 400 Bad Request\r\n\r\n........................"u8);
                client.Receive(new byte[1]);
            }
            catch (SocketException)
            {
                // Nobody came: the test has failed before.
            }
        });
        answering.Start();
        var disk = new DiskImage(_scratch, "a").Sized(DiskImage.MiB);
        using var named = ChildProcess.Start(new Command("qemu-nbd", "-k", _scratch.File("named"), "-x", "other", "-f", "raw", "--fork", "--pid-file", _scratch.File("pid"), disk.Path));
        named.Wait();
        using var empty = NbdkitDisk.Serve(new DiskImage(_scratch, "nothing").Sized(0).Path, _scratch.File("empty"));
        try
        {
            foreach (var (socket, reason) in new[] { ("junk", "magic"), ("named", "no export"), ("empty", "empty") })
            {
                var opening = () => Open(socket, new AttachRetries());
                opening.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertDisk && failure.Message.Contains(reason) && failure.Disk == 0);
            }
        }
        finally
        {
            Tool.Run("kill", File.ReadAllText(_scratch.File("pid")).Trim());
        }

        answering.Join();
        _retries.Should().BeEmpty();
        _clock.Waits.Should().BeEmpty();
    }

    [Fact]
    public void A_wait_for_another_try_is_cancelled_at_once_and_nothing_stays()
    {
        using var cancel = new CancellationTokenSource();
        var options = new GuestOptions { Retries = new AttachRetries { FirstDelay = TimeSpan.FromHours(1), LongestDelay = TimeSpan.FromHours(1) }, OnRetry = _ => cancel.Cancel() };
        var opening = () => GuestMachine.Open([GuestDiskSource.Socket(_scratch.File("nobody"))], _scratch.Path, options, cancel.Token);

        opening.Should().Throw<OperationCanceledException>();
        Directory.Exists(_scratch.File("guest")).Should().BeFalse();
        HostState.CommandLines().Should().NotContain(line => line.Contains("nbdfuse") && line.Contains(_scratch.Path));
    }

    private void AttachRefused(int times)
    {
        var disk = new DiskImage(_scratch, "a").Sized(DiskImage.MiB);
        using var server = NbdkitDisk.Serve(disk.Path, _scratch.File("server"));
        using var proxy = new RefusingProxy(_scratch.File("in0"), _scratch.File("server"), number => number % 3 != 2);
        for (var time = 0; time < times; time++)
        {
            using var machine = Open("in0", new AttachRetries());
            machine.Disks.Single().Length.Should().Be(DiskImage.MiB);
        }

        proxy.Connections.Should().Be(3 * times);
        _retries.Count.Should().Be(2 * times);
    }

    private GuestMachine Open(string socket, AttachRetries retries) => GuestMachine.Open([GuestDiskSource.Socket(_scratch.File(socket))], _scratch.Path, Options(retries));

    private GuestOptions Options(AttachRetries retries) => new() { Retries = retries, OnRetry = _retries.Add, Clock = _clock };

    private Socket Listen(string name, int backlog)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_scratch.File(name)));
        socket.Listen(backlog);
        return socket;
    }
}
