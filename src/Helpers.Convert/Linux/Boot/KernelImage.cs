using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Reads the release out of a kernel image for x86 (Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header").</summary>
internal static class KernelImage
{
    private const int HeaderLength = 64 * 1024;
    private const int SignatureOffset = 0x202;
    private const int VersionPointerOffset = 0x20E;
    private const int SectorLength = 512;
    private const int LongestRelease = 128;

    /// <summary>The release, or <see langword="null"/> where the image tells none.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="path">The image.</param>
    public static string? Release(IGuestFiles files, string path)
    {
        var header = new byte[HeaderLength];
        using (var stream = files.OpenRead(path))
            header = header[..stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false)];
        return Release(header);
    }

    /// <summary>The release, or <see langword="null"/> where the image tells none.</summary>
    /// <param name="header">First bytes of the image.</param>
    public static string? Release(ReadOnlySpan<byte> header)
    {
        if (header.Length < VersionPointerOffset + 2 || !header[SignatureOffset..].StartsWith("HdrS"u8))
            return null;
        var start = BinaryPrimitives.ReadUInt16LittleEndian(header[VersionPointerOffset..]) + SectorLength;
        if (start == SectorLength || start >= header.Length)
            return null;
        var text = header[start..Math.Min(start + LongestRelease, header.Length)];
        var end = text.IndexOfAny((byte)' ', (byte)0);
        return end > 0 ? Encoding.ASCII.GetString(text[..end]) : null;
    }
}
