using System.Net.Sockets;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>Servers that are there and say nothing: stopped by signal, or never taking a connection.</summary>
public sealed class A_silent_server
{
    private const int Size = 32 << 20;
    private static readonly CopySettings Impatient = new() { RequestSize = 64 << 10, Timeout = TimeSpan.FromSeconds(1), FlushTimeout = TimeSpan.FromSeconds(1), ReconnectFor = TimeSpan.FromMilliseconds(500) };

    [Fact]
    public void At_the_source_is_a_timeout_by_name()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        using var input = new NbdkitServer("--filter=cow", "file", source);
        var error = Deadline.FailureOf(Workspace.At(input), CopyEndpoint.File(work.Path("target")), Impatient, FreezeAtAQuarter(input));

        MustBeLate(error, CopySide.Source, input);
    }

    [Fact]
    public void At_the_source_that_wakes_up_is_gone_on_with()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        using var input = new NbdkitServer("--filter=cow", "file", source);

        // It wakes when the first wait is over: a deadline later, when another connection is asked for. One read is in
        // flight: of several nbdkit 1.32.5 may die when it wakes and finds the client gone, see Lane.LeaveSource.
        var time = new HookedTime(input.Thaw);
        var observer = FreezeAtAQuarter(input);
        CopyEngine.Run(
            [new CopyTask("vda", Workspace.At(input), CopyEndpoint.File(work.Path("target")))],
            Impatient with { ReconnectFor = TimeSpan.FromMinutes(1), TimeProvider = time, Connections = 1, Depth = 1 },
            observer,
            CancellationToken.None);

        Workspace.MustBeEqual(source, work.Path("target"), "it is the same server, with the same overlay");
        observer.Results.Single().Result.Retries.Should().BePositive();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void At_the_target_is_a_timeout_by_name(int islands)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), islands, 1 << 20);
        using var output = new NbdkitServer("memory", $"{Size}");

        // Without data the copy is its last flush.
        var observer = new RecordingObserver(islands == 0 ? (_, _) => output.Freeze() : FreezeAt(output, Size / 4));
        var error = Deadline.FailureOf(CopyEndpoint.File(source), Workspace.At(output), Impatient, observer);

        MustBeLate(error, CopySide.Target, output);
        observer.Results.Should().BeEmpty("it was not flushed");
    }

    [Fact]
    public void While_it_flushes_has_more_time_than_for_other_answers()
    {
        using var work = new Workspace();
        var patience = TimeSpan.FromSeconds(2);
        using var server = new HostileServer(peer =>
        {
            peer.Handshake(flags: (ushort)(NbdTransmissionFlags.HasFlags | NbdTransmissionFlags.Flush));
            var flush = peer.Receive(Wire.RequestLength); // Of a disk without data, to one that is zero, it is all there is.
            if (peer.Stirs(patience * 2)) return; // It gave up.
            peer.Send(HostileServer.Numbers(Wire.SimpleReplyMagic, 0u, flush[8..16]));
            peer.WaitForEnd();
        });
        var settings = new CopySettings { Connections = 1, DestinationIsZero = true, Timeout = patience, FlushTimeout = TimeSpan.FromMinutes(1) };
        var observer = A_copy.Copy(CopyEndpoint.File(work.EmptyImage("source", (long)HostileServer.Size)), CopyEndpoint.Server(NbdEndpoint.Unix(server.Path)), settings);

        observer.Results.Should().ContainSingle();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void From_the_start_is_refused_at_the_deadline(bool atSource)
    {
        using var work = new Workspace();
        var file = work.RandomImage("file", Size, new Random(1), 5, 1 << 20);
        using var server = new NbdkitServer("memory", $"{Size}");
        server.Freeze();
        var error = atSource
            ? Deadline.FailureOf(Workspace.At(server), CopyEndpoint.File(work.Path("target")), Impatient)
            : Deadline.FailureOf(CopyEndpoint.File(file), Workspace.At(server), Impatient);

        error.Kind.Should().Be(atSource ? CopyErrorKind.SourceOpen : CopyErrorKind.TargetOpen);
        error.InnerException.Should().BeOfType<NbdTimeoutException>();
        error.Message.Should().Contain(server.Socket).And.Contain("within 1 s");
        error.Hint.Should().Contain("silent");
    }

    [Fact]
    public void Whose_backlog_is_full_is_refused_at_the_deadline()
    {
        using var work = new Workspace();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(work.Path("full")));
        listener.Listen(0);
        using var first = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        first.Connect(new UnixDomainSocketEndPoint(work.Path("full")));
        var error = Deadline.FailureOf(CopyEndpoint.Server(NbdEndpoint.Unix(work.Path("full"))), CopyEndpoint.File(work.Path("target")), Impatient);

        error.Kind.Should().Be(CopyErrorKind.SourceOpen);
        error.Message.Should().Contain(work.Path("full"));
    }

    /// <summary>
    /// Each disk is worth several ranges, so that workers come back for more. The servers of the slow ones do not move
    /// at all before the fast one is finished: whoever waits for them waits in vain.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [Trait("speed", "slow")]
    public void Does_not_hold_up_the_other_disks(int slow)
    {
        using var work = new Workspace();
        const int Ranges = 3 * (64 << 20);
        var source = work.RandomImage("fast", Ranges, new Random(1), 2000, 1 << 20);
        var servers = new List<NbdkitServer>();
        try
        {
            for (var i = 0; i < slow; i++) servers.Add(new NbdkitServer("--filter=noextents", "pattern", $"{Ranges}"));
            var observer = new StartedObserver(
                started: task => servers.ElementAtOrDefault(Index(task))?.Freeze(),
                finished: task =>
                {
                    if (task.Name == "fast") servers.ForEach(server => server.Thaw());
                });
            var tasks = servers.Select((server, i) => new CopyTask($"slow{i}", Workspace.At(server), CopyEndpoint.File(work.Path($"target{i}")))).ToList();
            tasks.Add(new CopyTask("fast", CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target"))));
            var error = Deadline.ErrorOf(() => CopyEngine.Run(tasks, new CopySettings { Timeout = TimeSpan.FromSeconds(60), ReconnectFor = TimeSpan.Zero }, observer, CancellationToken.None));

            error.Should().BeNull();
            observer.Finishes.Should().HaveCount(slow + 1);
            observer.Finishes.First().Should().Be("fast");
            Workspace.MustBeEqual(source, work.Path("target"), "it is a copy");
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }
    }

    private static int Index(CopyTask task) => task.Name == "fast" ? -1 : task.Name[^1] - '0';

    private static RecordingObserver FreezeAtAQuarter(NbdkitServer server) => new(FreezeAt(server, Size / 4));

    private static Action<CopyTask, ulong> FreezeAt(NbdkitServer server, ulong bytes)
    {
        var frozen = 0;
        return (_, done) =>
        {
            if (done >= bytes && Interlocked.Exchange(ref frozen, 1) == 0) server.Freeze();
        };
    }

    private static void MustBeLate(CopyException error, CopySide side, NbdkitServer server)
    {
        error.Kind.Should().Be(CopyErrorKind.Connection);
        error.Side.Should().Be(side);
        error.InnerException.Should().BeOfType<NbdTimeoutException>();
        error.Message.Should().StartWith($"disk vda: {side.ToString().ToLowerInvariant()}").And.Contain(server.Socket).And.Contain("1 s");
        error.Hint.Should().Contain("silent");
    }

    /// <summary>The clock of the system, that calls back when the engine first asks it for a delay: before it connects again.</summary>
    private sealed class HookedTime(Action first) : TimeProvider
    {
        private int _timers;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != Timeout.InfiniteTimeSpan && Interlocked.Increment(ref _timers) == 1) first();
            return System.CreateTimer(callback, state, dueTime, period);
        }
    }

    private sealed class StartedObserver(Action<CopyTask> started, Action<CopyTask> finished) : ICopyObserver
    {
        public void Warned(CopyTask task, string message)
        {
            // Not looked at.
        }

        public void ReadBack(CopyTask task, ulong done, ulong total)
        {
            // Not looked at.
        }

        public void Verified(CopyTask task, string digest)
        {
            // Not looked at.
        }

        internal System.Collections.Concurrent.ConcurrentQueue<string> Finishes { get; } = new();

        public void Started(CopyTask task, ulong size) => started(task);

        public void Progress(CopyTask task, ulong done, ulong total)
        {
            // Only the ends count here.
        }

        public void Finished(CopyTask task, CopyResult result)
        {
            Finishes.Enqueue(task.Name);
            finished(task);
        }
    }
}
