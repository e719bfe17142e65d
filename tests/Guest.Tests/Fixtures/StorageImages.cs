using System.Runtime.CompilerServices;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>Disks with LVM, md and LUKS that the real tools made: <c>tests/Fixtures/volumes</c>, built once and kept in the user's cache.</summary>
internal static class StorageImages
{
    private static readonly Lazy<string> Cache = new(() => Tool.Run(Path.Combine(Scripts, "volumes")).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);

    /// <summary>The directory with the scripts that make them.</summary>
    public static string Scripts => Path.Combine(Root(), "tests/Fixtures");

    /// <summary>Unpacks the disks of an image; sparse.</summary>
    /// <param name="scratch">Where to.</param>
    /// <param name="name">Name of the image, as in tests/Fixtures/storage/disks.</param>
    /// <returns>The disks in their order.</returns>
    public static string[] Unpack(ScratchDirectory scratch, string name)
    {
        var packed = Directory.EnumerateFiles(Cache.Value, $"{name}.?.raw.zst").Order(StringComparer.Ordinal).ToArray();
        packed.Should().NotBeEmpty($"{name} is an image of the fixtures");
        foreach (var file in packed)
        {
            Tool.Run("zstd", "--quiet", "--decompress", "--force", "--sparse", file, "-o", scratch.File(Path.GetFileNameWithoutExtension(file)));
        }

        return [.. packed.Select(file => scratch.File(Path.GetFileNameWithoutExtension(file)))];
    }

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../.."));
}
