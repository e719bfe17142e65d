using System.Diagnostics;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>Copies that end early, and go on from their journals.</summary>
public sealed class A_killed_copy : IDisposable
{
    private const ulong RangeLength = 64 << 20;
    private const int Size = (5 * (int)RangeLength) + 12345;

    private readonly Workspace _work = new();
    private readonly string _source;

    public A_killed_copy()
    {
        // Data nearly everywhere, so that it has several ranges.
        _source = _work.RandomImage("source", Size, new Random(1), 40, 16 << 20);
    }

    public void Dispose() => _work.Dispose();

    public static TheoryData<string> Forms => new("raw", "qcow2", "compressed", "small clusters", "allocated qcow2", "nbd");

    [Theory]
    [MemberData(nameof(Forms))]
    public void Goes_on_where_it_was_and_is_the_same(string form)
    {
        using var input = new NbdkitServer("--filter=cow", "file", _source);
        using var output = form == "nbd" ? new NbdkitServer("file", _work.EmptyImage("target", Size)) : null;
        var task = Task(input, output);

        var first = new RecordingObserver();
        StopAfter(2 * RangeLength, task, Settings(form), first);
        first.Results.Should().BeEmpty();

        var second = new RecordingObserver();
        CopyEngine.Run([task], Settings(form) with { Resume = true }, second, CancellationToken.None);

        second.Warnings.Should().BeEmpty();
        second.Steps.First(step => step.Done > 0).Done.Should().BeGreaterThanOrEqualTo(RangeLength, "it begins with what was done");
        second.Results.Single().Result.Read.Should().BeLessThan(Whole(task) - (RangeLength / 2));
        MustBeTheSource(form);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void That_is_verified_when_it_goes_on_reads_all_but_writes_the_rest_only(string form)
    {
        using var input = new NbdkitServer("file", _source);
        using var output = form == "nbd" ? new NbdkitServer("file", _work.EmptyImage("target", Size)) : null;
        var task = Task(input, output);
        StopAfter(2 * RangeLength, task, Settings(form), new RecordingObserver());

        var observer = new RecordingObserver();
        CopyEngine.Run([task], Settings(form) with { Resume = true, Verify = true }, observer, CancellationToken.None);

        var result = observer.Results.Single().Result;
        result.Written.Should().BeLessThan(result.Read - (RangeLength / 2));
        observer.Digests.Single().Digest.Should().Be(A_verified_copy.DigestOf(_source));
        MustBeTheSource(form);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void That_is_verified_may_be_killed_twice(string form)
    {
        using var input = new NbdkitServer("file", _source);
        using var output = form == "nbd" ? new NbdkitServer("file", _work.EmptyImage("target", Size)) : null;
        var task = Task(input, output);
        var verified = Settings(form) with { Verify = true, Resume = true };
        StopAfter(2 * RangeLength, task, verified, new RecordingObserver());
        StopAfter(3 * RangeLength, task, verified, new RecordingObserver());

        var observer = new RecordingObserver();
        CopyEngine.Run([task], verified, observer, CancellationToken.None);

        observer.Warnings.Should().BeEmpty();
        observer.Digests.Single().Digest.Should().Be(A_verified_copy.DigestOf(_source));
        MustBeTheSource(form);
    }

    /// <summary>Leaves of a digest are larger than such clusters: those at the borders are written and noted once more.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void To_small_clusters_that_is_verified_when_it_goes_on_may_be_killed_again(bool compressed)
    {
        using var input = new NbdkitServer("--filter=noextents", "file", _source);
        var task = Task(input, null);
        var settings = Settings("qcow2") with { Qcow2 = new Qcow2Options { ClusterBytes = 4096, Compressed = compressed }, Resume = true };
        StopAfter(2 * RangeLength, task, settings, new RecordingObserver());
        StopAfter(3 * RangeLength, task, settings with { Verify = true }, new RecordingObserver());
        var observer = new RecordingObserver();
        CopyEngine.Run([task], settings, observer, CancellationToken.None);

        observer.Warnings.Should().BeEmpty();
        MustBeTheSource("qcow2");
    }

    [Theory]
    [InlineData("{\"clusters\":[{\"first\":99999999,\"entry\":9223372036854841344,\"count\":1}]}")]
    [InlineData("{\"clusters\":[{\"first\":0,\"entry\":9223372036854775808,\"count\":1}]}")]
    [InlineData("{\"clusters\":[{\"first\":0,\"entry\":9223372036854841345,\"count\":1}]}")]
    public void Whose_journal_tells_what_cannot_be_is_copied_anew(string line)
    {
        using var input = new NbdkitServer("file", _source);
        var task = Task(input, null);
        StopAfter(2 * RangeLength, task, Settings("qcow2"), new RecordingObserver());
        File.AppendAllText(task.Journal!, line + "\n");
        MustStartOver(task, "the journal says of cluster", Settings("qcow2"), "qcow2");
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void That_was_complete_is_not_copied_again(string form)
    {
        using var input = new NbdkitServer("file", _source);
        using var output = form == "nbd" ? new NbdkitServer("file", _work.EmptyImage("target", Size)) : null;
        var task = Task(input, output);
        CopyEngine.Run([task], Settings(form), new RecordingObserver(), CancellationToken.None);
        var observer = new RecordingObserver();

        CopyEngine.Run([task], Settings(form) with { Resume = true }, observer, CancellationToken.None);

        observer.Warnings.Should().BeEmpty();
        observer.Results.Single().Result.Should().Be(new CopyResult(Size, 0, 0, 0, 0));
        MustBeTheSource(form);
    }

    [Fact]
    public void That_was_complete_is_copied_again_to_a_server_that_was_started_anew()
    {
        using var input = new NbdkitServer("file", _source);
        CopyTask task;
        using (var output = new NbdkitServer("file", _work.EmptyImage("target", Size)))
        {
            task = Task(input, output);
            CopyEngine.Run([task], Settings("nbd"), new RecordingObserver(), CancellationToken.None);
        }

        using var empty = new NbdkitServer("file", _work.EmptyImage("target", Size));
        MustStartOver(task with { Target = Workspace.At(empty) }, "the server of the target", Settings("nbd"));
    }

    [Fact]
    public void Without_resume_begins_anew()
    {
        using var input = new NbdkitServer("file", _source);
        var task = Task(input, null);
        StopAfter(2 * RangeLength, task, Settings("raw"), new RecordingObserver());
        var observer = new RecordingObserver();

        CopyEngine.Run([task], Settings("raw"), observer, CancellationToken.None);

        observer.Results.Single().Result.Read.Should().Be(Whole(task));
        MustBeTheSource("raw");
    }

    [Fact]
    public void Does_not_go_on_with_a_server_that_was_started_anew()
    {
        CopyTask task;
        using (var input = new NbdkitServer("--filter=cow", "file", _source))
        {
            task = Task(input, null);
            StopAfter(2 * RangeLength, task, Settings("raw"), new RecordingObserver());
        }

        // The same bytes, as it happens; nobody could know.
        using var again = new NbdkitServer("--filter=cow", "file", _source);
        MustStartOver(task with { Source = Workspace.At(again) }, "the source");
    }

    [Fact]
    public void Does_not_go_on_after_the_source_was_changed()
    {
        using var input = new NbdkitServer("file", _source);
        var task = Task(input, null) with { SourceVersion = "converted at noon" };
        StopAfter(2 * RangeLength, task, Settings("raw"), new RecordingObserver());
        MustStartOver(task with { SourceVersion = "converted at one" }, "the source");
    }

    [Fact]
    public void Does_not_go_on_with_a_target_that_was_made_anew()
    {
        using var input = new NbdkitServer("file", _source);
        var task = Task(input, null);
        StopAfter(2 * RangeLength, task, Settings("raw"), new RecordingObserver());
        File.Delete(task.Target.Path!);
        _work.EmptyImage("target", Size);
        MustStartOver(task, "the target");
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public void Does_not_go_on_with_a_target_that_another_copy_has_written(string form)
    {
        using var input = new NbdkitServer("file", _source);
        var task = Task(input, null);
        StopAfter(2 * RangeLength, task, Settings(form), new RecordingObserver());

        // Of the same size and in place: the file stays the same one.
        var other = _work.RandomImage("other", Size, new Random(8), 40, 16 << 20);
        A_copy.Copy(CopyEndpoint.File(other), task.Target, Settings(form));
        MustStartOver(task, "the target", Settings(form), form);
    }

    [Fact]
    public void Does_not_go_on_with_another_device_of_the_same_name()
    {
        using var input = new NbdkitServer("file", _source);
        var task = Task(input, null) with { Target = CopyEndpoint.File(_work.Path("device")) };
        foreach (var disk in new[] { "target", "second" })
        {
            // The kernel hands out the number of the first once more.
            using var device = new LoopDevice(_work.EmptyImage(disk, 4096 * ((Size / 4096) + 1)));
            File.Delete(task.Target.Path!);
            File.CreateSymbolicLink(task.Target.Path!, device.Path);
            var observer = new RecordingObserver();
            if (disk == "target")
            {
                StopAfter(2 * RangeLength, task, Settings("raw"), observer);
                continue;
            }

            CopyEngine.Run([task], Settings("raw") with { Resume = true }, observer, CancellationToken.None);
            observer.Warnings.Single().Message.Should().Contain("the target");
            Workspace.Run("cmp", "-n", $"{Size}", _source, device.Path).Should().Be(0, "all of it was copied");
        }
    }

    [Fact]
    public void Does_not_go_on_with_a_target_that_was_cut()
    {
        using var input = new NbdkitServer("file", _source);
        var task = Task(input, null);
        StopAfter(2 * RangeLength, task, Settings("raw"), new RecordingObserver());
        using (var file = File.OpenHandle(task.Target.Path!, FileMode.Open, FileAccess.Write)) RandomAccess.SetLength(file, 1 << 20);
        MustStartOver(task, "the target");
    }

    /// <summary>The target was zero before the first copy; now it holds that.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void That_begins_anew_leaves_nothing_of_the_copy_before_on_a_target_that_was_zero(bool device, bool resume)
    {
        const int Length = 8 << 20;
        var backing = _work.EmptyImage("backing", Length);
        var settings = new CopySettings { DestinationIsZero = true };
        using (var loop = device ? new LoopDevice(backing) : null)
        using (var output = device ? null : new NbdkitServer("file", backing))
        {
            var target = loop?.Endpoint ?? Workspace.At(output!);
            foreach (var seed in new[] { 3, 4 })
            {
                var disk = CopyEndpoint.File(_work.RandomImage($"disk{seed}", Length, new Random(seed), 6, 1 << 20));
                CopyEngine.Run([new CopyTask("vda", disk, target) { Journal = _work.Path("journal") }], settings with { Resume = resume }, new RecordingObserver(), CancellationToken.None);
            }
        }

        Workspace.MustBeEqual(_work.Path("disk4"), backing, "the zeroes of the second disk were written");
    }

    [Fact]
    public void Does_not_go_on_with_a_target_server_that_was_started_anew()
    {
        using var input = new NbdkitServer("file", _source);
        CopyTask task;
        using (var output = new NbdkitServer("file", _work.EmptyImage("target", Size)))
        {
            task = Task(input, output);
            StopAfter(2 * RangeLength, task, Settings("nbd"), new RecordingObserver());
        }

        // A disk of noise instead of the fresh one: all of it is written, the zeroes too.
        _work.RandomImage("target", Size, new Random(7), 200, 4 << 20);
        using var another = new NbdkitServer("file", _work.Path("target"));
        MustStartOver(task with { Target = Workspace.At(another) }, "the server of the target", Settings("nbd") with { DestinationIsZero = true });
    }

    [Fact]
    public void With_a_torn_journal_trusts_what_is_whole_in_it()
    {
        using var input = new NbdkitServer("file", _source);
        var task = Task(input, null);
        foreach (var damage in new Func<byte[], byte[]>[]
        {
            bytes => bytes[..^1],
            bytes => bytes[..^20],
            bytes => [.. bytes, .. "{\"done\":[0,"u8],
            bytes => [.. bytes, .. new byte[4096]],
            _ => [],
            bytes => bytes[..30],
            bytes => bytes[..5],
        })
        {
            StopAfter(3 * RangeLength, task, Settings("raw"), new RecordingObserver());
            File.WriteAllBytes(task.Journal!, damage(File.ReadAllBytes(task.Journal!)));

            CopyEngine.Run([task], Settings("raw") with { Resume = true }, new RecordingObserver(), CancellationToken.None);
            MustBeTheSource("raw");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void Refuses_a_journal_that_is_another_file_and_leaves_it_as_it_is(int zeroes)
    {
        var task = new CopyTask("vda", CopyEndpoint.File(_source), CopyEndpoint.File(_work.Path("target"))) { Journal = _work.Path("journal") };
        byte[] content = [.. new byte[zeroes], .. "hello\n"u8];
        File.WriteAllBytes(task.Journal, content);
        foreach (var resume in new[] { false, true })
        {
            var copy = () => CopyEngine.Run([task], Settings("raw") with { Resume = resume }, new RecordingObserver(), CancellationToken.None);

            copy.Should().Throw<StepException>().WithMessage($"*{task.Journal} is no journal*").Which.Code.Should().Be(ErrorCodes.Usage);
            File.ReadAllBytes(task.Journal).Should().Equal(content);
            File.Exists(task.Target.Path).Should().BeFalse("nothing was begun");
        }
    }

    [Theory]
    [InlineData("/dev/full")]
    [InlineData("/nowhere/journal")]
    public void Without_a_place_for_its_journal_does_not_begin(string place)
    {
        using var input = new NbdkitServer("file", _source);
        var target = _work.RandomImage("target", 1 << 20, new Random(3), 10, 1 << 20);
        var before = File.ReadAllBytes(target);
        var copy = () => CopyEngine.Run([Task(input, null) with { Journal = place }], Settings("raw"), new RecordingObserver(), CancellationToken.None);
        copy.Should().Throw<CopyException>().WithMessage($"*{place}*journal*");
        File.ReadAllBytes(target).Should().Equal(before);
    }

    /// <summary>The goal of the issue: 20 moments, and each time the result is the same.</summary>
    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    [InlineData("compressed")]
    [InlineData("nbd")]
    [Trait("speed", "slow")]
    public void With_kill_9_at_20_random_moments_is_identical_every_time(string form)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);

        // As input-disk starts it: with more threads nbdkit 1.32.5 aborts when its client is killed (NbdkitCommand.Threads).
        using var input = new NbdkitServer("--threads=1", "--filter=cow", "file", _source);
        using var output = form == "nbd" ? new NbdkitServer("--threads=1", "file", _work.EmptyImage("target", Size)) : null;
        string[] arguments =
        [
            input.Socket, output?.Socket ?? _work.Path("target"), "--journal", _work.Path("journal"), "--journal-every", "0",

            // Slow enough to be killed in the middle.
            "--connections", "1", "--bandwidth", "256M",
            .. form is "qcow2" or "compressed" ? (string[])["--target-format", "qcow2"] : [],
            .. form is "compressed" ? (string[])["--compressed"] : [],
        ];
        var whole = Stopwatch.StartNew();
        CopyProgram.Copy(arguments).ExitCode.Should().Be(0);
        var length = whole.Elapsed;
        var wentOn = 0;
        for (var i = 0; i < 20; i++)
        {
            // As it would be before a first run: nothing to go on with, and nothing on a target that is a server's.
            File.Delete(_work.Path("journal.0"));
            if (output is not null) _work.EmptyImage("target", Size);
            var moment = random.NextDouble() * length;
            CopyProgram.Kill(arguments, moment);
            if (File.Exists(_work.Path("journal.0")) && File.ReadAllLines(_work.Path("journal.0")).Length > 1) wentOn++;
            if (random.Next(3) == 0) CopyProgram.Kill([.. arguments, "--resume"], moment / 2);
            var end = CopyProgram.Copy([.. arguments, "--resume"]);

            end.ExitCode.Should().Be(0, $"seed {seed}, run {i}, killed after {moment}: {end.Errors}");
            MustBeTheSource(form);
        }

        wentOn.Should().BePositive("some of the kills come after the first note");
    }

    private static CopySettings Settings(string form)
    {
        // Notes after every range, one range at a time.
        var often = new CopySettings { NoteEvery = TimeSpan.Zero, Connections = 1 };
        return form switch
        {
            "qcow2" => often with { Qcow2 = new Qcow2Options() },
            "allocated qcow2" => often with { Qcow2 = new Qcow2Options(), Allocated = true },
            "compressed" => often with { Qcow2 = new Qcow2Options { Compressed = true } },
            "small clusters" => often with { Qcow2 = new Qcow2Options { ClusterBytes = 512 } },
            _ => often,
        };
    }

    private static void StopAfter(ulong bytes, CopyTask task, CopySettings settings, RecordingObserver observer)
    {
        using var cancellation = new CancellationTokenSource();
        var stopping = new RecordingObserver((_, done) =>
        {
            if (done > bytes) cancellation.Cancel();
        });
        var copy = () => CopyEngine.Run([task], settings, stopping, cancellation.Token);
        copy.Should().Throw<OperationCanceledException>();
        foreach (var result in stopping.Results) observer.Results.Enqueue(result);
    }

    private void MustStartOver(CopyTask task, string because, CopySettings? settings = null, string form = "raw")
    {
        var observer = new RecordingObserver();
        CopyEngine.Run([task], (settings ?? Settings("raw")) with { Resume = true }, observer, CancellationToken.None);
        observer.Warnings.Single().Message.Should().Contain(because);
        observer.Results.Single().Result.Read.Should().Be(Whole(task));
        MustBeTheSource(form);
    }

    /// <summary>Bytes that a copy of all reads.</summary>
    private ulong Whole(CopyTask task)
    {
        var observer = new RecordingObserver();
        CopyEngine.Run([new CopyTask("all", task.Source, CopyEndpoint.File(_work.Path("all")))], new CopySettings(), observer, CancellationToken.None);
        return observer.Results.Single().Result.Read;
    }

    private CopyTask Task(NbdkitServer input, NbdkitServer? output) =>
        new("vda", Workspace.At(input), output is null ? CopyEndpoint.File(_work.Path("target")) : Workspace.At(output)) { Journal = _work.Path("journal") };

    private void MustBeTheSource(string form)
    {
        if (form is "raw" or "nbd")
        {
            Workspace.MustBeEqual(_source, _work.Path("target"), form);
            return;
        }

        Workspace.Run("qemu-img", "check", "-q", "-f", "qcow2", _work.Path("target")).Should().Be(0, "it has no error and no leak");
        Workspace.Run("qemu-img", "compare", "-q", "-f", "raw", "-F", "qcow2", _source, _work.Path("target")).Should().Be(0, "it is the disk");
    }
}
