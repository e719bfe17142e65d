namespace Hyper2Kvm.Copy.Tests;

/// <summary>Servers that answer EINVAL to a request that is too long, or no whole block. They say so in the handshake.</summary>
public sealed class A_server_with_block_sizes
{
    private const int Size = 9 * (1 << 20);

    private const string Short = "minimum=1 preferred=4K maximum=32K";
    private const string Odd = "minimum=4K preferred=4K maximum=52K";
    private const string Coarse = "minimum=64K preferred=64K maximum=32M";
    private const string Only64K = "minimum=64K preferred=64K maximum=64K";

    public static TheoryData<string?, string?, bool, int> Limits => new()
    {
        { Short, null, true, 0 },
        { Short, null, false, 0 },
        { null, Short, true, 0 },
        { Odd, Odd, true, 0 },
        { Coarse, null, true, 0 },
        { Coarse, null, false, 4096 },
        { null, Coarse, false, 0 },
        { null, Coarse, true, 4096 },
        { Short, Coarse, true, 0 },
        { Coarse, Short, false, 0 },
        { Only64K, Only64K, true, 0 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void Gets_requests_that_it_takes(string? ofSource, string? ofTarget, bool verify, int requestSize)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 60, 1 << 18);
        var target = work.RandomImage("target", Size, new Random(2), 60, 1 << 18);
        using (var input = Serve(ofSource, source))
        using (var output = Serve(ofTarget, target))
        {
            A_copy.Copy(Workspace.At(input), Workspace.At(output), new CopySettings { Verify = verify, RequestSize = requestSize });
        }

        Workspace.MustBeEqual(source, target, "every request was taken");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12288)]
    [InlineData(65535)]
    public void And_a_larger_disk_keeps_what_is_behind_the_end_of_the_source(int more)
    {
        using var work = new Workspace();
        foreach (var islands in new[] { 60, 0 })
        {
            var source = work.RandomImage("source", Size + more, new Random(1), islands, 1 << 18);
            var (backing, expected) = A_block_device.Old(work, source, Size + (1 << 20));
            using (var output = Serve(Coarse, backing)) A_copy.Copy(CopyEndpoint.File(source), Workspace.At(output), new CopySettings { Verify = true });

            Workspace.MustBeEqual(expected, backing, "nothing behind it was written");
        }
    }

    [Fact]
    public void Is_asked_for_whole_blocks_when_the_target_failed_a_part_of_one()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 400, 1 << 14);
        var target = work.EmptyImage("target", Size);
        using var input = Serve(Coarse, source);
        using var output = new NbdkitServer("--filter=error", "file", target, "error=EIO", "error-pwrite-rate=20%");
        var observer = A_copy.Copy(Workspace.At(input), Workspace.At(output), new CopySettings { Attempts = 40 });

        Workspace.MustBeEqual(source, target, "what failed was read again");
        observer.Results.Single().Result.Retries.Should().BePositive();
        observer.Steps.Last().Done.Should().Be(Size);
    }

    [Fact]
    public void Is_compressed_from_all_the_same()
    {
        using var work = new Workspace();
        var source = Qcow2Source.Mixed(work, "source", Size, new Random(1), 60, 1 << 18);
        using var input = Serve(Short, source);
        A_copy.Copy(Workspace.At(input), CopyEndpoint.File(work.Path("target")), Qcow2Files.Settings(compressed: true));

        Qcow2Files.MustBeWhole(source, work.Path("target"), "clusters are larger than reads");
        Qcow2Files.Check(work.Path("target")).Should().Contain("compressed-clusters");
    }

    private static NbdkitServer Serve(string? limits, string file) => limits is null
        ? new NbdkitServer("file", file)
        : new NbdkitServer(["--filter=blocksize-policy", "file", file, "blocksize-error-policy=error", .. limits.Split(' ').Select(limit => $"blocksize-{limit}")]);
}
