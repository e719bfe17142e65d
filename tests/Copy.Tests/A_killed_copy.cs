using System.Diagnostics;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>Copies that end early, and go on from their journals.</summary>
public sealed class A_killed_copy : KilledCopy
{
    [Theory]
    [MemberData(nameof(Forms))]
    public void Goes_on_where_it_was_and_is_the_same(string form)
    {
        using var input = new NbdkitServer("--filter=cow", "file", Source);
        using var output = form == "nbd" ? new NbdkitServer("file", Work.EmptyImage("target", Size)) : null;
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
        using var input = new NbdkitServer("file", Source);
        using var output = form == "nbd" ? new NbdkitServer("file", Work.EmptyImage("target", Size)) : null;
        var task = Task(input, output);
        StopAfter(2 * RangeLength, task, Settings(form), new RecordingObserver());

        var observer = new RecordingObserver();
        CopyEngine.Run([task], Settings(form) with { Resume = true, Verify = true }, observer, CancellationToken.None);

        var result = observer.Results.Single().Result;
        result.Written.Should().BeLessThan(result.Read - (RangeLength / 2));
        observer.Digests.Single().Digest.Should().Be(A_verified_copy.DigestOf(Source));
        MustBeTheSource(form);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void That_is_verified_may_be_killed_twice(string form)
    {
        using var input = new NbdkitServer("file", Source);
        using var output = form == "nbd" ? new NbdkitServer("file", Work.EmptyImage("target", Size)) : null;
        var task = Task(input, output);
        var verified = Settings(form) with { Verify = true, Resume = true };
        StopAfter(2 * RangeLength, task, verified, new RecordingObserver());
        StopAfter(3 * RangeLength, task, verified, new RecordingObserver());

        var observer = new RecordingObserver();
        CopyEngine.Run([task], verified, observer, CancellationToken.None);

        observer.Warnings.Should().BeEmpty();
        observer.Digests.Single().Digest.Should().Be(A_verified_copy.DigestOf(Source));
        MustBeTheSource(form);
    }

    /// <summary>Leaves of a digest are larger than such clusters: those at the borders are written and noted once more.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void To_small_clusters_that_is_verified_when_it_goes_on_may_be_killed_again(bool compressed)
    {
        using var input = new NbdkitServer("--filter=noextents", "file", Source);
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
    [MemberData(nameof(Forms))]
    public void That_was_complete_is_not_copied_again(string form)
    {
        using var input = new NbdkitServer("file", Source);
        using var output = form == "nbd" ? new NbdkitServer("file", Work.EmptyImage("target", Size)) : null;
        var task = Task(input, output);
        CopyEngine.Run([task], Settings(form), new RecordingObserver(), CancellationToken.None);
        var observer = new RecordingObserver();

        CopyEngine.Run([task], Settings(form) with { Resume = true }, observer, CancellationToken.None);

        observer.Warnings.Should().BeEmpty();
        observer.Results.Single().Result.Should().Be(new CopyResult(Size, 0, 0, 0, 0));
        MustBeTheSource(form);
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
        using var input = new NbdkitServer("--threads=1", "--filter=cow", "file", Source);
        using var output = form == "nbd" ? new NbdkitServer("--threads=1", "file", Work.EmptyImage("target", Size)) : null;
        string[] arguments =
        [
            input.Socket, output?.Socket ?? Work.Path("target"), "--journal", Work.Path("journal"), "--journal-every", "0",

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
            File.Delete(Work.Path("journal.0"));
            if (output is not null) Work.EmptyImage("target", Size);
            var moment = random.NextDouble() * length;
            CopyProgram.Kill(arguments, moment);
            if (File.Exists(Work.Path("journal.0")) && File.ReadAllLines(Work.Path("journal.0")).Length > 1) wentOn++;
            if (random.Next(3) == 0) CopyProgram.Kill([.. arguments, "--resume"], moment / 2);
            var end = CopyProgram.Copy([.. arguments, "--resume"]);

            end.ExitCode.Should().Be(0, $"seed {seed}, run {i}, killed after {moment}: {end.Errors}");
            MustBeTheSource(form);
        }

        wentOn.Should().BePositive("some of the kills come after the first note");
    }
}
