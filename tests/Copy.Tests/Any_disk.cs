namespace Hyper2Kvm.Copy.Tests;

/// <summary>Properties: whatever the extents, sizes, ends and settings, the target equals the source.</summary>
public sealed class Any_disk
{
    private const int Seed = 4711;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(Seed, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    [Trait("speed", "slow")]
    public void Is_copied_exactly(int seed)
    {
        var random = new Random(seed);
        using var work = new Workspace();
        var size = random.Next(6) == 0 ? random.Next(0, 5000) : random.NextInt64(1, 96 << 20);
        if (random.Next(2) == 0) size = size / 512 * 512;
        var source = work.RandomImage("source", size, random, random.Next(0, 60), random.Next(1, 3 << 20));
        var settings = new CopySettings
        {
            Connections = random.Next(0, 4),
            RequestSize = random.Next(3) switch { 0 => 0, 1 => 64 << 10, _ => 1 << 18 },
            Depth = random.Next(0, 9),
            Allocated = random.Next(4) == 0,
            Direct = random.Next(3) != 0,
        };
        var because = $"seed {seed}: {size} bytes, {settings}";

        using var input = random.Next(3) switch
        {
            0 => null,
            1 => new NbdkitServer("--filter=cow", "file", source),
            _ => new NbdkitServer(random.Next(2) == 0 ? "--filter=noextents" : "--filter=noparallel", "-r", "file", source),
        };
        var from = input is null ? CopyEndpoint.File(source) : Workspace.At(input);
        var target = random.Next(2) == 0 ? work.EmptyImage("target", size) : work.RandomImage("target", size, random, 40, 1 << 20);
        using var output = random.Next(3) switch
        {
            0 => null,
            1 => new NbdkitServer("file", target),
            _ => new NbdkitServer(random.Next(2) == 0 ? "--filter=nozero" : "--filter=noextents", "file", target),
        };
        var to = output is null ? CopyEndpoint.File(target) : Workspace.At(output);

        var observer = new RecordingObserver();
        CopyEngine.Run([new CopyTask("vda", from, to)], settings, observer, CancellationToken.None);

        Workspace.MustBeEqual(source, target, because);
        observer.Results.Should().ContainSingle().Which.Result.Size.Should().Be((ulong)size);
        observer.Steps.Select(s => s.Done).Should().BeInAscendingOrder(because);
        observer.Steps.Last().Done.Should().Be((ulong)size, because);
    }
}
