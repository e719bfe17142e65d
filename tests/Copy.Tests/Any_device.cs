using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>Properties of targets that are not made anew: block devices, and qcow2 images behind qemu-nbd. The seed is in each failure.</summary>
[Trait("speed", "slow")]
public sealed class Any_device
{
    private const int Seed = 2718;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(Seed, 24)];

    public static TheoryData<int> FewSeeds => [.. Enumerable.Range(Seed, 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Holds_the_source_and_keeps_what_is_behind_it(int seed)
    {
        var random = new Random(seed);
        using var work = new Workspace();
        var size = Size(random, 48 << 20);
        var source = work.RandomImage("source", size, random, random.Next(0, 60), random.Next(1, 3 << 20));
        var sector = random.Next(2) == 0 ? 512 : 4096;
        var length = Math.Max(4096, (size + 4095) / 4096 * 4096) + (random.Next(3) * 4096 * random.Next(0, 100));
        var (backing, expected) = A_block_device.Old(work, source, length);
        var settings = Settings(random);
        var because = $"seed {seed}: {size} bytes to a device of {length} with sectors of {sector}, {settings}";

        using (var input = Source(random, source))
        using (var device = new LoopDevice(backing, "--sector-size", $"{sector}", $"--direct-io={(random.Next(2) == 0 ? "on" : "off")}"))
        using (var output = random.Next(3) == 0 ? new NbdkitServer("file", device.Path) : null)
        {
            var observer = A_copy.Copy(input is null ? CopyEndpoint.File(source) : Workspace.At(input), output is null ? device.Endpoint : Workspace.At(output), settings);
            observer.Steps.Last().Done.Should().Be((ulong)size, because);
        }

        Workspace.MustBeEqual(expected, backing, because);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Is_read_exactly(int seed)
    {
        var random = new Random(seed);
        using var work = new Workspace();
        var sector = random.Next(2) == 0 ? 512 : 4096;
        var size = random.NextInt64(1, (48 << 20) / sector) * sector;
        var source = work.RandomImage("source", size, random, random.Next(0, 60), random.Next(1, 3 << 20));
        var settings = Settings(random);
        using (var device = new LoopDevice(source, "--sector-size", $"{sector}", "--read-only")) A_copy.Copy(device.Endpoint, CopyEndpoint.File(work.Path("target")), settings);

        Workspace.MustBeEqual(source, work.Path("target"), $"seed {seed}: {size} bytes with sectors of {sector}, {settings}");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Behind_qemu_nbd_is_an_equal_image(int seed)
    {
        var random = new Random(seed);
        using var work = new Workspace();
        var size = Math.Max(512, Size(random, 48 << 20) / 512 * 512);
        var source = Qcow2Source.Mixed(work, "source", size, random, random.Next(0, 60), random.Next(1, 3 << 20));
        var settings = Settings(random) with { DestinationIsZero = random.Next(2) == 0 };
        var because = $"seed {seed}: {size} bytes, {settings}";
        using (var input = Source(random, source))
        using (var output = new QemuNbdServer(work.Path("target"), size, work.Path("socket")))
        {
            A_copy.Copy(input is null ? CopyEndpoint.File(source) : Workspace.At(input), CopyEndpoint.Server(NbdEndpoint.Unix(output.Socket)), settings);
        }

        Qcow2Files.MustBeWhole(source, work.Path("target"), because);
    }

    /// <summary>More than one question for extents, more than one range, and all kinds of borders between them.</summary>
    [Theory]
    [MemberData(nameof(FewSeeds))]
    public void Or_file_of_many_gigabytes_with_little_in_it_is_copied_exactly(int seed)
    {
        var random = new Random(seed);
        using var work = new Workspace();
        var size = random.NextInt64(1L << 30, 12L << 30);
        var source = work.RandomImage("source", size, random, random.Next(0, 300), 1 << random.Next(10, 20));
        var settings = Settings(random) with { Allocated = false };
        var because = $"seed {seed}: {size} bytes, {settings}";
        using var input = Source(random, source, noExtents: false);
        A_copy.Copy(input is null ? CopyEndpoint.File(source) : Workspace.At(input), CopyEndpoint.File(work.Path("target")), settings);

        Workspace.Run("qemu-img", "compare", "-f", "raw", "-F", "raw", source, work.Path("target")).Should().Be(0, because);
        new FileInfo(work.Path("target")).Length.Should().Be(size, because);
    }

    private static long Size(Random random, long most)
    {
        var size = random.Next(6) == 0 ? random.Next(1, 5000) : random.NextInt64(1, most);
        return random.Next(2) == 0 ? Math.Max(512, size / 512 * 512) : size;
    }

    private static CopySettings Settings(Random random) => new()
    {
        Connections = random.Next(0, 4),
        RequestSize = random.Next(3) switch { 0 => 0, 1 => 64 << 10, _ => 1 << 18 },
        Depth = random.Next(0, 9),
        Allocated = random.Next(4) == 0,
        Direct = random.Next(3) != 0,
    };

    private static NbdkitServer? Source(Random random, string source, bool noExtents = true) => random.Next(3) switch
    {
        0 => null,
        1 => new NbdkitServer("--filter=cow", "file", source),
        _ => new NbdkitServer(noExtents && random.Next(2) == 0 ? "--filter=noextents" : "--filter=noparallel", "-r", "file", source),
    };
}
