namespace Hyper2Kvm.Copy.Tests;

/// <summary>Loop devices, full of something old: a device is not made anew as a file is.</summary>
public sealed class A_block_device
{
    private const int Size = 24 << 20;

    [Theory]
    [InlineData(Size, 512, "")]
    [InlineData(Size, 4096, "")]
    [InlineData(Size, 512, "allocated")]
    [InlineData(Size, 4096, "allocated")]
    [InlineData(Size, 512, "buffered")]
    [InlineData(Size, 4096, "buffered")]
    [InlineData(Size + 1, 512, "")]
    [InlineData(Size + 511, 512, "")]
    [InlineData(Size + 512, 4096, "")]
    [InlineData(Size + 4097, 4096, "")]
    [InlineData(Size + 4097, 4096, "buffered")]
    [InlineData(Size + 4097, 4096, "allocated")]
    [InlineData(511, 512, "")]
    [InlineData(1, 4096, "")]
    public void Has_the_source_s_bytes_and_behind_them_its_own(int size, int sector, string how)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", size, new Random(size), 30, 1 << 20);
        var (backing, expected) = Old(work, source, Round(size) + (1 << 20));
        using (var device = new LoopDevice(backing, "--sector-size", $"{sector}", "--direct-io=on"))
        {
            A_copy.Copy(CopyEndpoint.File(source), device.Endpoint, Settings(how));
            Workspace.Run("cmp", expected, device.Path).Should().Be(0, "what is read through the device is it, too");
        }

        Workspace.MustBeEqual(expected, backing, "it is a copy, and nothing else changed");
    }

    [Theory]
    [InlineData(Size)]
    [InlineData(Size + 1)]
    [InlineData(Size + 513)]
    public void Gives_back_the_space_of_what_is_zero(int size)
    {
        using var work = new Workspace();
        var source = Islands(work, size);
        var (backing, expected) = Old(work, source, Round(size));
        using (var device = new LoopDevice(backing))
        {
            var observer = A_copy.Copy(CopyEndpoint.File(source), device.Endpoint);
            observer.Results.Single().Result.Written.Should().BeLessThanOrEqualTo(3 << 20);
        }

        Workspace.MustBeEqual(expected, backing, "it is a copy");
        Workspace.Allocated(backing).Should().BeLessThanOrEqualTo(4 << 20, "holes were made, and no zeroes written, but for the last sector");
    }

    [Fact]
    public void Keeps_its_space_where_that_was_asked_for()
    {
        using var work = new Workspace();
        var source = Islands(work, Size);
        var (backing, expected) = Old(work, source, Size);
        using (var device = new LoopDevice(backing)) A_copy.Copy(CopyEndpoint.File(source), device.Endpoint, Settings("allocated"));

        Workspace.MustBeEqual(expected, backing, "zeroes are zeroes");
        Workspace.Allocated(backing).Should().BeGreaterThanOrEqualTo(Size);
    }

    /// <summary>What was promised is not looked at: the proof that the zeroes are not written is that the promise was wrong.</summary>
    [Fact]
    public void Said_to_be_zero_gets_nothing_but_the_data()
    {
        using var work = new Workspace();
        var source = Islands(work, Size);
        var (backing, _) = Old(work, source, Size);
        var expected = work.Path("only data");
        File.Copy(backing, expected);
        var data = File.ReadAllBytes(source);
        using (var file = File.OpenHandle(expected, FileMode.Open, FileAccess.Write))
        {
            for (var at = 0; at < Size; at += 1 << 20)
            {
                if (data.AsSpan(at, 1 << 20).IndexOfAnyExcept((byte)0) >= 0) RandomAccess.Write(file, data.AsSpan(at, 1 << 20), at);
            }
        }

        using (var device = new LoopDevice(backing)) A_copy.Copy(CopyEndpoint.File(source), device.Endpoint, new CopySettings { DestinationIsZero = true });
        Workspace.MustBeEqual(expected, backing, "only data was written");
    }

    /// <summary>Each piece is told, may be noted, and is a place to stop at.</summary>
    [Fact]
    public void Is_zeroed_in_pieces()
    {
        using var work = new Workspace();
        const long Length = 5L << 30;
        var source = CopyEndpoint.File(work.EmptyImage("source", Length));
        using var device = new LoopDevice(work.EmptyImage("backing", Length));
        var observer = A_copy.Copy(source, device.Endpoint, new CopySettings { Connections = 1 });
        observer.Steps.Select(step => step.Done >> 30).Should().Equal(0, 1, 2, 3, 4, 5);

        using var cancellation = new CancellationTokenSource();
        var stopped = new RecordingObserver((_, _) => cancellation.Cancel());
        var copy = () => CopyEngine.Run([new CopyTask("vda", source, device.Endpoint)], new CopySettings { Connections = 1 }, stopped, cancellation.Token);
        copy.Should().Throw<OperationCanceledException>();
        stopped.Steps.Last().Done.Should().Be(1 << 30);
    }

    /// <summary>A device takes no call for what is no whole sector: zeroes are written.</summary>
    [Fact]
    public void Whose_zeroes_are_written_as_data_is_left_when_the_copy_is_cancelled()
    {
        using var work = new Workspace();
        using var device = new LoopDevice(work.EmptyImage("backing", 1 << 20));
        using var target = new FileTargetDisk(device.Path, new CopySettings(), 1 << 20);
        using var lane = new FileTargetLane(target);
        var zero = () => lane.Zero(100, 1000, new CancellationToken(canceled: true));
        zero.Should().Throw<OperationCanceledException>();
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void That_is_smaller_than_the_source_is_refused_and_untouched(int sector)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size + 1, new Random(1), 30, 1 << 20);
        var (backing, _) = Old(work, work.EmptyImage("nothing", 0), Size);
        File.Copy(backing, work.Path("before"));
        using (var device = new LoopDevice(backing, "--sector-size", $"{sector}"))
        {
            var error = Deadline.FailureOf(CopyEndpoint.File(source), device.Endpoint, new CopySettings());
            error.Kind.Should().Be(CopyErrorKind.TargetTooSmall);
            error.Message.Should().Match($"disk vda: target: {device.Path}*{Size} bytes*{Size + 1}*");
        }

        Workspace.MustBeEqual(work.Path("before"), backing, "not a byte was written");
    }

    [Fact]
    public void That_is_in_use_is_refused_and_untouched()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 4 << 20, new Random(1), 20, 1 << 20);
        var backing = work.RandomImage("backing", 8 << 20, new Random(2), 20, 1 << 20);
        var before = File.ReadAllBytes(backing);
        using var device = new LoopDevice(backing);

        // What mount(2) does: it takes the device for itself.
        using var mounted = NativeMethods.Open(device.Path, NativeMethods.ReadOnly | NativeMethods.Exclusive | NativeMethods.CloseOnExec, 0);
        mounted.IsInvalid.Should().BeFalse();

        var failure = FluentActions.Invoking(() => A_copy.Copy(CopyEndpoint.File(source), device.Endpoint)).Should().Throw<CopyException>().Which;
        failure.Message.Should().Contain(device.Path);
        failure.Hint.Should().Contain("mounted");
        File.ReadAllBytes(backing).Should().Equal(before);
    }

    [Fact]
    public void That_is_read_only_is_refused_by_name()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 30, 1 << 20);
        using var device = new LoopDevice(work.EmptyImage("backing", Size), "--read-only");
        var error = Deadline.FailureOf(CopyEndpoint.File(source), device.Endpoint, new CopySettings());

        error.Kind.Should().BeOneOf(CopyErrorKind.TargetOpen, CopyErrorKind.TargetWrite);
        error.Message.Should().StartWith("disk vda: target").And.Contain(device.Path);
    }

    [Theory]
    [InlineData(512, "")]
    [InlineData(4096, "")]
    [InlineData(4096, "buffered")]
    public void May_be_the_source(int sector, string how)
    {
        using var work = new Workspace();
        var image = work.RandomImage("source", Size, new Random(1), 30, 1 << 20);
        using (var device = new LoopDevice(image, "--sector-size", $"{sector}", "--read-only")) A_copy.Copy(device.Endpoint, CopyEndpoint.File(work.Path("target")), Settings(how));

        Workspace.MustBeEqual(image, work.Path("target"), "it is a copy");
        Workspace.Allocated(work.Path("target")).Should().BeLessThan(Size, "a device tells no holes, so zeroes were looked for");
    }

    [Theory]
    [InlineData(512, 4096)]
    [InlineData(4096, 512)]
    public void May_be_copied_to_another(int sectorOfSource, int sectorOfTarget)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 30, 1 << 20);
        var (backing, expected) = Old(work, source, Size + (1 << 20));
        using (var from = new LoopDevice(source, "--sector-size", $"{sectorOfSource}", "--read-only"))
        using (var to = new LoopDevice(backing, "--sector-size", $"{sectorOfTarget}"))
        {
            A_copy.Copy(from.Endpoint, to.Endpoint);
        }

        Workspace.MustBeEqual(expected, backing, "it is a copy");
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void May_be_behind_a_server(int sector)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 30, 1 << 20);
        var (backing, expected) = Old(work, source, Size + (1 << 20));
        using (var device = new LoopDevice(backing, "--sector-size", $"{sector}"))
        using (var output = new NbdkitServer("file", device.Path))
        {
            A_copy.Copy(CopyEndpoint.File(source), Workspace.At(output));
        }

        Workspace.MustBeEqual(expected, backing, "it is a copy");
    }

    /// <summary>A backing file full of old bytes, and what it shall be: the source, and the old bytes behind it.</summary>
    internal static (string Backing, string Expected) Old(Workspace work, string source, long size)
    {
        var old = new byte[size];
        new Random(99).NextBytes(old);
        var (backing, expected) = (work.Path("backing"), work.Path("expected"));
        File.WriteAllBytes(backing, old);
        File.ReadAllBytes(source).CopyTo(old, 0);
        File.WriteAllBytes(expected, old);
        return (backing, expected);
    }

    private static long Round(long size) => (size + 4095) / 4096 * 4096;

    /// <summary>Three islands of a megabyte each, aligned.</summary>
    private static string Islands(Workspace work, long size)
    {
        var path = work.EmptyImage("source", size);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        var data = new byte[1 << 20];
        Array.Fill(data, (byte)1);
        foreach (var at in new[] { 0, 5, 17 }) RandomAccess.Write(file, data, (long)at << 20);
        return path;
    }

    private static CopySettings Settings(string how) => new() { Allocated = how == "allocated", Direct = how != "buffered" };
}
