using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Guest.Volumes.Luks;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>The header of a container that cryptsetup made (both copies of LUKS2), without what follows; renewed by tests/Fixtures/samples.</summary>
internal sealed class LuksSample
{
    /// <summary>Length of the container that it is the header of.</summary>
    public const long Length = 64 << 20;

    /// <summary>Length of one copy of the header of LUKS2 as cryptsetup makes it.</summary>
    public const int CopyBytes = 0x4000;

    private LuksSample(byte[] bytes) => Bytes = bytes;

    public byte[] Bytes { get; }

    /// <summary>Where the copies lie; none for LUKS1.</summary>
    public int[] Copies => Bytes.Length > CopyBytes ? [0, CopyBytes] : [];

    public static LuksSample Load(string name)
    {
        using var packed = new GZipStream(File.OpenRead(Path.Combine(Folder(), $"{name}.gz")), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return new LuksSample(bytes.ToArray());
    }

    public MemoryDisk Reader() => new(Length, Bytes);

    /// <summary>Replaces a text in the description, in both copies, and makes the checksums right.</summary>
    public LuksSample With(string old, string replacement)
    {
        foreach (var copy in Copies)
        {
            var area = Bytes.AsSpan(copy + Luks2Header.BinaryBytes, CopyBytes - Luks2Header.BinaryBytes);
            var text = Encoding.UTF8.GetString(area).TrimEnd('\0');
            text.Should().Contain(old);
            area.Clear();
            Encoding.UTF8.GetBytes(text.Replace(old, replacement, StringComparison.Ordinal), area);
        }

        return Sealed();
    }

    /// <summary>Makes the checksums right.</summary>
    public LuksSample Sealed()
    {
        foreach (var copy in Copies)
        {
            var bytes = Bytes.AsSpan(copy, CopyBytes);
            var sum = bytes.Slice(Luks2Header.ChecksumOffset, 64);
            sum.Clear();
            SHA256.HashData(bytes, sum);
        }

        return this;
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../Volumes/Luks/Samples"));
}
