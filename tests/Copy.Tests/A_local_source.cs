namespace Hyper2Kvm.Copy.Tests;

/// <summary>Raw files read where they are: out of the page cache or around it.</summary>
public sealed class A_local_source
{
    /// <summary>Sizes around pages and requests, and one that is no multiple of a sector.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData((4 << 20) + 512)]
    [InlineData((9 << 20) + 77)]
    public void Is_read_alike_whatever_of_it_is_cached(int size)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", size, new Random(size), 40, 1 << 20);
        foreach (var (state, cached) in new[] { ("cold", 0), ("half", size / 2), ("warm", size) })
        {
            Forget(source);
            if (cached > 0) Workspace.Run("head", "-c", $"{cached}", source).Should().Be(0);
            A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path(state)), new CopySettings { RequestSize = 1 << 20 });
            Workspace.MustBeEqual(source, work.Path(state), state);
        }
    }

    [Fact]
    public void Does_not_fill_the_page_cache()
    {
        using var work = new Workspace();
        const int Size = 32 << 20;
        var source = work.RandomImage("source", Size, new Random(1), 100, 1 << 20);
        Forget(source);
        A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target")));
        Cached(source, Size).Should().BeLessThan(Size / 4, "what little is there was read ahead");
        A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target")), new CopySettings { Direct = false });
        Cached(source, Size).Should().BeGreaterThan(Size / 4, "through the cache it is, or this test shows nothing");
    }

    [Fact]
    public void That_was_just_written_is_copied_as_it_is_now()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 8 << 20, new Random(1), 40, 1 << 20);
        for (var i = 0; i < 3; i++)
        {
            Forget(source);
            using (var file = File.OpenHandle(source, FileMode.Open, FileAccess.Write)) RandomAccess.Write(file, [1, 2, 3, (byte)i], 12345);
            A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target")));
            Workspace.MustBeEqual(source, work.Path("target"), "a page that is not on the disk yet");
        }
    }

    /// <summary>Two ranges of data (of the second nothing is known yet), and one range whose hole at the end is known already.</summary>
    [Theory]
    [InlineData(66, 120, 66)]
    [InlineData(66, 120, 100)]
    [InlineData(1, 1, 2)]
    public void That_is_cut_meanwhile_is_an_error_and_no_zeroes(int first, int second, int cutTo)
    {
        using var work = new Workspace();
        var source = work.EmptyImage("source", 130 << 20);
        using (var file = File.OpenHandle(source, FileMode.Open, FileAccess.Write))
        {
            var data = new byte[1 << 20];
            Array.Fill(data, (byte)1);
            for (var at = 0; at < first; at++) RandomAccess.Write(file, data, (long)at << 20);
            RandomAccess.Write(file, data, (long)second << 20);
        }

        var cut = 0;
        var observer = new RecordingObserver((_, _) =>
        {
            if (Interlocked.Exchange(ref cut, 1) != 0) return;
            using var file = File.OpenHandle(source, FileMode.Open, FileAccess.Write);
            RandomAccess.SetLength(file, (long)cutTo << 20);
        });
        var error = Deadline.FailureOf(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("target")), new CopySettings { Connections = 1 }, observer);

        error.Kind.Should().Be(CopyErrorKind.SourceRead);
        error.Message.Should().Contain(source).And.Contain($"cut to {cutTo << 20}");
        observer.Results.Should().BeEmpty();
    }

    /// <summary>Written out, and out of the page cache: POSIX_FADV_DONTNEED of the whole file is what dd does here.</summary>
    private static void Forget(string path)
    {
        Workspace.Run("sync", path).Should().Be(0);
        Workspace.Run("dd", $"if={path}", "iflag=nocache", "count=0").Should().Be(0);
    }

    private static int Cached(string path, int size)
    {
        using var file = File.OpenHandle(path);
        using var pages = new CachedPages(file, (ulong)size);
        return Enumerable.Range(0, size / 4096).Count(i => pages.Hold((ulong)i * 4096, 4096)) * 4096;
    }
}
