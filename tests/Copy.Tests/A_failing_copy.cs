using System.Diagnostics;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>Faults, made with nbdkit's filters and by signal: a clear error, no hang, no thread left.</summary>
public sealed class A_failing_copy
{
    private const int Size = 32 << 20;

    [Fact]
    public void At_the_source_names_disk_offset_and_errno()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 60, 1 << 20);
        using var input = new NbdkitServer("--filter=error", "file", source, "error=EIO", "error-pread-rate=100%");
        var error = Failure(Workspace.At(input), CopyEndpoint.File(work.Path("target")));
        error.Kind.Should().Be(CopyErrorKind.SourceRead);
        error.Disk.Should().Be("vda");
        error.Offset.Should().NotBeNull();
        error.Message.Should().Match("disk vda: source at offset *EIO*");
        error.Hint.Should().NotBeEmpty();
    }

    [Fact]
    public void With_a_full_target_server_says_so_at_once()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 60, 1 << 20);
        using var output = new NbdkitServer("--filter=error", "memory", $"{Size}", "error=ENOSPC", "error-pwrite-rate=100%");
        var error = Failure(CopyEndpoint.File(source), Workspace.At(output));
        error.Kind.Should().Be(CopyErrorKind.TargetFull);
        error.Side.Should().Be(CopySide.Target);
        error.Message.Should().Contain("ENOSPC");
    }

    [Fact]
    public void Leaves_the_source_server_alive_so_that_it_can_be_repeated()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        using var input = new NbdkitServer("--filter=cow", "file", source);
        for (var i = 0; i < 5; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var observer = new RecordingObserver((_, done) =>
            {
                if (done > Size / 8) cancellation.Cancel();
            });
            var run = () => CopyEngine.Run(
                [new CopyTask("vda", Workspace.At(input), CopyEndpoint.File(work.Path("target")))], new CopySettings { Depth = 8 }, observer, cancellation.Token);
            run.Should().Throw<OperationCanceledException>();
            using var output = new NbdkitServer("--filter=error", "memory", $"{Size}", "error=ENOSPC", "error-pwrite-rate=50%");
            Failure(Workspace.At(input), Workspace.At(output), new CopySettings { Depth = 8 }).Kind.Should().Be(CopyErrorKind.TargetFull);
        }

        A_copy.Copy(Workspace.At(input), CopyEndpoint.File(work.Path("target")));
        Workspace.MustBeEqual(source, work.Path("target"), "the server lived");
    }

    [Fact]
    public void With_a_target_that_is_too_small_is_refused_before_a_byte_is_written()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 60, 1 << 20);
        using var output = new NbdkitServer("memory", $"{Size - 512}");
        Failure(CopyEndpoint.File(source), Workspace.At(output)).Kind.Should().Be(CopyErrorKind.TargetTooSmall);
    }

    [Fact]
    public void With_a_read_only_target_is_refused()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 5, 1 << 20);
        using var output = new NbdkitServer("-r", "memory", $"{Size}");
        var error = Failure(CopyEndpoint.File(source), Workspace.At(output));
        error.Kind.Should().Be(CopyErrorKind.TargetOpen);
        error.Message.Should().Contain("read-only");
    }

    [Fact]
    public void Without_a_source_server_says_which_disk()
    {
        using var work = new Workspace();
        var error = Failure(CopyEndpoint.Server(NbdEndpoint.Unix(work.Path("nothing"))), CopyEndpoint.File(work.Path("target")));
        error.Kind.Should().Be(CopyErrorKind.SourceOpen);
        File.Exists(work.Path("target")).Should().BeFalse("the target is made only when the source is there");
    }

    [Fact]
    public void Whose_requests_fail_now_and_then_is_completed()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 60, 1 << 20);
        var target = work.EmptyImage("target", Size);
        using var input = new NbdkitServer("--filter=error", "file", source, "error=EIO", "error-pread-rate=10%");
        using var output = new NbdkitServer("--filter=error", "file", target, "error=EIO", "error-pwrite-rate=10%");
        var observer = A_copy.Copy(Workspace.At(input), Workspace.At(output), new CopySettings { RequestSize = 64 << 10, Attempts = 20 });
        Workspace.MustBeEqual(source, target, "lost requests are sent again");
        observer.Results.Single().Result.Retries.Should().BeGreaterThan(0);
        observer.Steps.Last().Done.Should().Be(Size);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whose_server_is_killed_in_the_middle_ends_with_a_clear_error(bool killSource)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        using var input = new NbdkitServer("--filter=rate", "file", source, "rate=200M");
        using var output = new NbdkitServer("memory", $"{Size}");
        var victim = killSource ? input : output;
        var killed = 0;
        var observer = new RecordingObserver((_, done) =>
        {
            if (done > Size / 4 && Interlocked.Exchange(ref killed, 1) == 0) victim.Kill();
        });
        var run = () => CopyEngine.Run(
            [new CopyTask("vda", Workspace.At(input), Workspace.At(output))], new CopySettings { RequestSize = 256 << 10, ReconnectFor = TimeSpan.Zero }, observer, CancellationToken.None);
        var error = run.Should().Throw<CopyException>().Which;
        error.Kind.Should().Be(CopyErrorKind.Connection);
        error.Side.Should().Be(killSource ? CopySide.Source : CopySide.Target);
        observer.Results.Should().BeEmpty();
        SpinWait.SpinUntil(() => ThreadsOfCopy() == 0, TimeSpan.FromSeconds(10)).Should().BeTrue("no thread is left once the kernel has buried it");
    }

    [Fact]
    public void Whose_server_is_silent_ends_at_the_deadline()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 60, 1 << 20);
        using var input = new NbdkitServer("--filter=delay", "file", source, "rdelay=60");
        var error = Failure(
            Workspace.At(input), CopyEndpoint.File(work.Path("target")), new CopySettings { Timeout = TimeSpan.FromMilliseconds(200), ReconnectFor = TimeSpan.FromMilliseconds(300) });
        error.Kind.Should().Be(CopyErrorKind.Connection);
        error.Message.Should().Contain("0.2 s");
    }

    [Fact]
    public void That_is_cancelled_ends_at_once_although_a_server_is_silent()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 60, 1 << 20);
        using var input = new NbdkitServer("--filter=delay", "file", source, "rdelay=60");
        using var cancellation = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        var run = new Thread(() => Record.Exception(() => CopyEngine.Run(
            [new CopyTask("vda", Workspace.At(input), CopyEndpoint.File(work.Path("target")))], new CopySettings(), new RecordingObserver(), cancellation.Token)));
        run.Start();
        cancellation.Cancel();
        run.Join(TimeSpan.FromSeconds(20)).Should().BeTrue();
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Whose_connections_are_cut_goes_on_with_the_same_server()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        using var input = new NbdkitServer("--filter=cow", "file", source);
        using var proxy = new CuttingProxy(input.Socket, work.Path("proxy"), cutAfter: 5 << 20, cuts: 3);

        // One lane: a second one would take one of the connections that are cut, and find nothing to do.
        var observer = A_copy.Copy(CopyEndpoint.Server(NbdEndpoint.Unix(proxy.Socket)), CopyEndpoint.File(work.Path("target")), new CopySettings { Connections = 1 });
        Workspace.MustBeEqual(source, work.Path("target"), "lost requests are sent again");
        proxy.CutsMade.Should().Be(3);
        observer.Results.Single().Result.Retries.Should().BeGreaterThanOrEqualTo(1);
        observer.Steps.Last().Done.Should().Be(Size);
        observer.Steps.Select(s => s.Done).Should().BeInAscendingOrder();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whose_source_server_comes_back_as_another_process_goes_on_only_if_that_was_allowed(bool allowed)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        using var before = new NbdkitServer("file", source);
        using var after = new NbdkitServer("file", source);
        var link = work.Path("link");
        File.CreateSymbolicLink(link, before.Socket);
        var swapped = 0;
        var observer = new RecordingObserver((_, done) =>
        {
            if (done < Size / 4 || Interlocked.Exchange(ref swapped, 1) != 0) return;
            File.Delete(link);
            File.CreateSymbolicLink(link, after.Socket);
            before.Kill();
        });
        var run = () => CopyEngine.Run(
            [new CopyTask("vda", CopyEndpoint.Server(NbdEndpoint.Unix(link)), CopyEndpoint.File(work.Path("target")))],
            new CopySettings { RequestSize = 64 << 10, SourceMayRestart = allowed },
            observer,
            CancellationToken.None);
        if (allowed)
        {
            run();
            Workspace.MustBeEqual(source, work.Path("target"), "the new server has the same disk");
        }
        else
        {
            run.Should().Throw<CopyException>().Where(e => e.Message.Contains("another process"));
        }
    }

    /// <summary>Threads are named "copy 0" and so on, and the kernel knows the names.</summary>
    private static int ThreadsOfCopy() =>
        Directory.GetDirectories("/proc/self/task").Count(t => File.Exists($"{t}/comm") && File.ReadAllText($"{t}/comm").StartsWith("copy ", StringComparison.Ordinal));

    private static CopyException Failure(CopyEndpoint source, CopyEndpoint target, CopySettings? settings = null)
    {
        var run = () => A_copy.Copy(source, target, settings);
        return run.Should().Throw<CopyException>().Which;
    }
}
