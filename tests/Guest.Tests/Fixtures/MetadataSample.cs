using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>Head and tail of the disks of one image of tests/Fixtures/volumes, as the real tools wrote them; renewed by tests/Fixtures/samples.</summary>
internal sealed class MetadataSample
{
    private const int HeadBytes = 1088 * 1024;

    private MetadataSample(string name, IReadOnlyList<Disk> disks)
    {
        Name = name;
        Disks = disks;
    }

    public string Name { get; }

    public IReadOnlyList<Disk> Disks { get; }

    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.EnumerateFiles(Folder(), "*.gz").Select(file => string.Join('.', Path.GetFileName(file).Split('.')[..^3])).Distinct().Order(StringComparer.Ordinal)];

    public static MetadataSample Load(string name)
        => new(name, [.. Directory.EnumerateFiles(Folder(), $"{name}.?.*.gz").Order(StringComparer.Ordinal).Select(Disk.Load)]);

    public IReadOnlyList<MemoryDisk> Readers() => [.. Disks.Select(disk => new MemoryDisk(disk.Length, disk.Head, disk.Tail))];

    private static string Folder([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../Volumes/Samples"));

    internal sealed record Disk(long Length, byte[] Head, byte[] Tail)
    {
        public static Disk Load(string file)
        {
            using var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
            using var bytes = new MemoryStream();
            packed.CopyTo(bytes);
            var all = bytes.ToArray();
            return new Disk(long.Parse(file.Split('.')[^2]), all[..HeadBytes], all[HeadBytes..]);
        }

        public Disk Copy() => new(Length, [.. Head], [.. Tail]);
    }
}
