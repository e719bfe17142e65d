using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>By signal, in the middle of a copy.</summary>
public sealed class A_server_that_dies
{
    private const int Size = 48 << 20;

    // Small requests: many are in flight, and much is left, when the server goes.
    private static readonly CopySettings Settings = new() { RequestSize = 64 << 10, ReconnectFor = TimeSpan.FromSeconds(60) };

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(false, 4)]
    public async Task And_comes_back_at_the_same_place_is_gone_on_with(bool kill, int connections)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        using var servers = new Successors(work, source);
        var observer = servers.WhenAQuarterIsDone(Size, kill);
        CopyEngine.Run([new CopyTask("vda", servers.Endpoint, CopyEndpoint.File(work.Path("target")))], Settings with { SourceMayRestart = true, Connections = connections }, observer, CancellationToken.None);

        await servers.Swapped;
        Workspace.MustBeEqual(source, work.Path("target"), "what was lost was read again from the new server");
        observer.Results.Single().Result.Retries.Should().BePositive();
        observer.Steps.Select(step => step.Done).Should().BeInAscendingOrder();
        observer.Steps.Last().Done.Should().Be(Size);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_an_overlay_and_comes_back_is_refused(bool kill)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        using var servers = new Successors(work, source, "--filter=cow");
        var error = Deadline.FailureOf(servers.Endpoint, CopyEndpoint.File(work.Path("target")), Settings, servers.WhenAQuarterIsDone(Size, kill));

        await servers.Swapped;
        error.InnerException.Should().BeOfType<ServerRestartedException>();
        error.Message.Should().StartWith("disk vda: source: ").And.Contain(servers.Socket).And.Contain("overlay");
        error.Hint.Should().Contain("Run the conversion again");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void For_good_at_the_source_is_an_error_after_the_time_to_reconnect(bool kill)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        using var input = new NbdkitServer("--filter=cow", "file", source);
        var error = Deadline.FailureOf(
            Workspace.At(input),
            CopyEndpoint.File(work.Path("target")),
            Settings with { ReconnectFor = TimeSpan.FromMilliseconds(300) },
            Once(Size / 4, () =>
            {
                End(input, kill);

                // The nbdkit that waits for our command still listens on it; a server of its own would be refused.
                File.Delete(input.Socket);
            }));

        error.Kind.Should().Be(CopyErrorKind.Connection);
        error.Side.Should().Be(CopySide.Source);
        error.Message.Should().StartWith("disk vda: source").And.Contain(input.Socket);
        error.Hint.Should().Contain("log of the server");
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, Size / 4)]
    [InlineData(false, Size / 4)]
    public void For_good_at_the_target_is_an_error_that_names_disk_and_target(bool kill, int after)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        using var output = new NbdkitServer("memory", $"{Size}");
        var observer = Once(after, () => End(output, kill));
        var error = Deadline.FailureOf(CopyEndpoint.File(source), Workspace.At(output), Settings, observer);

        error.Kind.Should().Be(CopyErrorKind.Connection);
        error.Side.Should().Be(CopySide.Target);
        error.Message.Should().StartWith("disk vda: target").And.Contain(output.Socket);
        error.Hint.Should().Contain("log of the server");
        observer.Results.Should().BeEmpty();
    }

    [Fact]
    public void At_the_target_ends_the_copy_of_the_other_disks()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        using var slow = new NbdkitServer("--filter=rate", "file", source, "rate=100M");
        using var output = new NbdkitServer("memory", $"{Size}");
        CopyTask[] tasks = [new("slow", Workspace.At(slow), CopyEndpoint.File(work.Path("target"))), new("lost", CopyEndpoint.File(source), Workspace.At(output))];
        var observer = Once(Size / 4, output.Kill, "lost");
        var error = Deadline.ErrorOf(() => CopyEngine.Run(tasks, Settings, observer, CancellationToken.None));

        error.Should().BeOfType<CopyException>().Which.Disk.Should().Be("lost");
        observer.Results.Should().BeEmpty();
        A_copy.Copy(Workspace.At(slow), CopyEndpoint.File(work.Path("target")));
        Workspace.MustBeEqual(source, work.Path("target"), "the server of the other disk lives, and the copy can be repeated");
    }

    /// <summary>What went over a connection is not flushed: it is flushed over the same one, or not known to be there.</summary>
    [Fact]
    public void At_the_source_takes_no_connection_to_the_target_with_it()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        var target = work.EmptyImage("target", Size);
        using (var input = new NbdkitServer("--filter=cow", "file", source))
        using (var proxy = new CuttingProxy(input.Socket, work.Path("proxy"), cutAfter: 5 << 20, cuts: 3))
        using (var output = new NbdkitServer("--filter=log", "file", target, $"logfile={work.Path("log")}"))
        {
            var observer = A_copy.Copy(CopyEndpoint.Server(NbdEndpoint.Unix(proxy.Socket)), Workspace.At(output), Settings with { Connections = 1 });
            proxy.CutsMade.Should().Be(3);
            observer.Steps.Select(step => step.Done).Should().BeInAscendingOrder();
        }

        Workspace.MustBeEqual(source, target, "lost requests are sent again");
        File.ReadAllLines(work.Path("log")).Count(line => line.Contains(" Connect ", StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public void Between_two_connections_to_the_target_is_not_taken_for_the_same()
    {
        using var work = new Workspace();
        using var before = new NbdkitServer("memory", $"{Size}");
        using var after = new NbdkitServer("memory", $"{Size}");
        var link = work.Path("link");
        File.CreateSymbolicLink(link, before.Socket);
        using var target = new NbdTargetDisk(NbdEndpoint.Unix(link), Settings, Size);
        target.OpenLane().Dispose();
        File.Delete(link);
        File.CreateSymbolicLink(link, after.Socket);
        var open = () => target.OpenLane();

        open.Should().Throw<ServerRestartedException>().WithMessage("*another process*");
    }

    private static void End(NbdkitServer server, bool kill)
    {
        if (kill) server.Kill();
        else server.Terminate();
    }

    /// <summary>Does something once, when so much of the disk is done.</summary>
    private static RecordingObserver Once(int after, Action action, string disk = "vda")
    {
        var done = 0;
        return new RecordingObserver((task, bytes) =>
        {
            if (task.Name == disk && bytes >= (ulong)after && Interlocked.Exchange(ref done, 1) == 0) action();
        });
    }

    /// <summary>A server, and after its end another behind the same path. In between there is none.</summary>
    private sealed class Successors : IDisposable
    {
        private readonly string[] _arguments;
        private readonly NbdkitServer _first;
        private readonly TaskCompletionSource _swapped = new();
        private NbdkitServer? _second;

        internal Successors(Workspace work, string source, params string[] filters)
        {
            _arguments = [.. filters, "file", source];
            _first = new NbdkitServer(_arguments);
            Socket = work.Path("link");
            File.CreateSymbolicLink(Socket, _first.Socket);
        }

        internal string Socket { get; }

        internal CopyEndpoint Endpoint => CopyEndpoint.Server(NbdEndpoint.Unix(Socket));

        internal Task Swapped => _swapped.Task;

        internal RecordingObserver WhenAQuarterIsDone(int size, bool kill) => Once(size / 4, () =>
        {
            File.Delete(Socket);
            End(_first, kill);
            _ = Task.Run(() =>
            {
                try
                {
                    _second = new NbdkitServer(_arguments);
                    File.CreateSymbolicLink(Socket, _second.Socket);
                    _swapped.SetResult();
                }
                catch (Exception e)
                {
                    _swapped.SetException(e);
                }
            });
        });

        public void Dispose()
        {
            _second?.Dispose();
            _first.Dispose();
        }
    }
}
