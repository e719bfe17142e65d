namespace Hyper2Kvm.Copy.Tests;

/// <summary>Requests that fail once and work when they are sent again.</summary>
public sealed class A_disk_with_rare_errors
{
    private const int Size = 32 << 20;

    // 2,000 requests: that none of them fails happens once in a thousand million runs.
    private static readonly CopySettings Small = new() { RequestSize = 16 << 10 };

    [Theory]
    [InlineData("error-rate=1%", null)]
    [InlineData("error-pread-rate=1%", null)]
    [InlineData(null, "error-rate=1%")]
    [InlineData(null, "error-pwrite-rate=1%")]
    [InlineData("error-rate=1%", "error-rate=1%")]
    public void Is_copied_exactly_and_its_retries_are_counted(string? ofSource, string? ofTarget)
    {
        using var work = new Workspace();
        var source = Full(work);
        var target = work.EmptyImage("target", Size);
        using var input = new NbdkitServer("--filter=error", "file", source, "error=EIO", ofSource ?? "error-rate=0");
        using var output = new NbdkitServer("--filter=error", "file", target, "error=EIO", ofTarget ?? "error-rate=0");
        var observer = A_copy.Copy(Workspace.At(input), Workspace.At(output), Small);

        Workspace.MustBeEqual(source, target, "each request that failed was sent again");
        var result = observer.Results.Should().ContainSingle().Which.Result;
        result.Retries.Should().BePositive();
        if (ofTarget is null) result.Written.Should().Be(Size, "a read that failed wrote nothing");
        observer.Steps.Last().Done.Should().Be(Size);
    }

    [Theory]
    [InlineData("ENOMEM")]
    [InlineData("EIO")]
    public void May_be_copied_to_a_plain_file(string errno)
    {
        using var work = new Workspace();
        var source = Full(work);
        using var input = new NbdkitServer("--filter=error", "--filter=cow", "file", source, $"error={errno}", "error-pread-rate=1%");
        var observer = A_copy.Copy(Workspace.At(input), CopyEndpoint.File(work.Path("target")), Small);

        Workspace.MustBeEqual(source, work.Path("target"), "each request that failed was sent again");
        observer.Results.Single().Result.Retries.Should().BePositive();
    }

    [Fact]
    public void May_fail_to_tell_its_extents()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 5, 1 << 20);
        for (var i = 0; i < 10; i++)
        {
            using var input = new NbdkitServer("--filter=error", "file", source, "error=EIO", "error-extents-rate=50%");
            var observer = A_copy.Copy(Workspace.At(input), CopyEndpoint.File(work.Path("target")), new CopySettings { Attempts = 40 });
            Workspace.MustBeEqual(source, work.Path("target"), "the question was asked again");
            observer.Results.Single().Result.Read.Should().BeLessThan(Size / 2, "it was answered in the end");
        }
    }

    [Fact]
    public void That_never_tells_its_extents_fails_with_their_offset_and_not_for_ever()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 5, 1 << 20);
        using var input = new NbdkitServer("--filter=error", "file", source, "error=EIO", "error-extents-rate=100%");
        var error = Deadline.FailureOf(Workspace.At(input), CopyEndpoint.File(work.Path("target")), new CopySettings());

        error.Kind.Should().Be(CopyErrorKind.SourceRead);
        error.Message.Should().Match("disk vda: source: *BlockStatus*offset 0*EIO*");
    }

    [Fact]
    public void And_a_target_that_does_not_tell_what_is_zero_is_zeroed()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 20, 1 << 20);
        var target = work.RandomImage("target", Size, new Random(2), 60, 1 << 20);
        using var output = new NbdkitServer("--filter=error", "file", target, "error=EIO", "error-extents-rate=100%");
        A_copy.Copy(CopyEndpoint.File(source), Workspace.At(output));

        Workspace.MustBeEqual(source, target, "nothing old shows through");
    }

    [Fact]
    public void And_a_target_that_fails_to_zero_now_and_then_is_zeroed()
    {
        using var work = new Workspace();
        var source = Striped(work);
        var target = work.RandomImage("target", Size, new Random(2), 200, 1 << 20);
        using var output = new NbdkitServer("--filter=error", "--filter=noextents", "file", target, "error=EIO", "error-zero-rate=30%");
        var observer = A_copy.Copy(CopyEndpoint.File(source), Workspace.At(output), new CopySettings { Attempts = 40 });

        Workspace.MustBeEqual(source, target, "the zeroes were sent again");
        observer.Results.Single().Result.Retries.Should().BePositive();
        observer.Steps.Last().Done.Should().Be(Size);
    }

    /// <summary>Zeroes go as data there, in pieces that are larger than this copy's reads and their buffers.</summary>
    [Theory]
    [InlineData(16 << 10)]
    [InlineData(0)]
    public void And_a_target_that_cannot_zero_at_all_gets_its_zeroes_again(int requestSize)
    {
        using var work = new Workspace();
        var source = Striped(work);
        var target = work.RandomImage("target", Size, new Random(2), 200, 1 << 20);
        using var output = new NbdkitServer("--filter=nozero", "--filter=error", "--filter=noextents", "file", target, "error=EIO", "error-pwrite-rate=20%");
        var observer = A_copy.Copy(CopyEndpoint.File(source), Workspace.At(output), new CopySettings { Attempts = 40, RequestSize = requestSize });

        Workspace.MustBeEqual(source, target, "the zeroes were sent again");
        observer.Results.Single().Result.Retries.Should().BePositive();
        observer.Steps.Last().Done.Should().Be(Size);
    }

    [Fact]
    public void And_a_target_that_cannot_zero_and_takes_little_at_a_time_is_zeroed()
    {
        using var work = new Workspace();
        var source = Striped(work);
        var target = work.RandomImage("target", Size, new Random(2), 200, 1 << 20);
        using var output = new NbdkitServer(
            "--filter=nozero", "--filter=blocksize-policy", "--filter=noextents", "file", target, "blocksize-maximum=64K", "blocksize-minimum=1", "blocksize-preferred=4K", "blocksize-error-policy=error");
        A_copy.Copy(CopyEndpoint.File(source), Workspace.At(output));

        Workspace.MustBeEqual(source, target, "no request was longer than the server takes");
    }

    [Fact]
    public void Of_which_the_server_has_no_space_for_its_overlay_blames_the_source()
    {
        using var work = new Workspace();
        var source = Full(work);
        using var input = new NbdkitServer("--filter=error", "file", source, "error=ENOSPC", "error-pread-rate=100%");
        var error = Deadline.FailureOf(Workspace.At(input), CopyEndpoint.File(work.Path("target")), new CopySettings());

        error.Kind.Should().Be(CopyErrorKind.SourceRead);
        error.Side.Should().Be(CopySide.Source);
        error.Hint.Should().Contain("overlay").And.NotContain("target");
    }

    /// <summary>No zero in it: every request is one of data.</summary>
    private static string Full(Workspace work)
    {
        var path = work.EmptyImage("source", Size);
        var data = new byte[Size];
        new Random(1).NextBytes(data);
        File.WriteAllBytes(path, data);
        return path;
    }

    /// <summary>A megabyte of data, a megabyte hole, and so on.</summary>
    private static string Striped(Workspace work)
    {
        var path = work.EmptyImage("source", Size);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        var data = new byte[1 << 20];
        for (var at = 0L; at < Size; at += 2 << 20)
        {
            new Random((int)at).NextBytes(data);
            RandomAccess.Write(file, data, at);
        }

        return path;
    }
}
