using System.Text;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>Says what a file is that is not what it should be.</summary>
internal static class KnownContent
{
    private const int HeadBytes = 4096;
    private const int TarMagicOffset = 257; // POSIX.1-1988, ustar header: "magic"

    private static readonly (byte[] Magic, string What)[] Packed =
    [
        ([0x1f, 0x8b], "gzip-compressed data"),
        ([0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "xz-compressed data"),
        ([(byte)'B', (byte)'Z', (byte)'h'], "bzip2-compressed data"),
        ([0x28, 0xb5, 0x2f, 0xfd], "zstd-compressed data"),
        ([(byte)'P', (byte)'K', 3, 4], "a zip archive"),
        ([(byte)'7', (byte)'z', 0xbc, 0xaf], "a 7z archive"),
    ];

    /// <summary>An archive or compressed file, which has to be unpacked first; <see langword="null"/> where it is none.</summary>
    /// <param name="file">The file.</param>
    public static string? Archive(SourceFile file)
    {
        var head = file.Head(HeadBytes);
        return Packed.FirstOrDefault(known => head.AsSpan().StartsWith(known.Magic)).What
            ?? (head.Length > TarMagicOffset + 5 && head.AsSpan(TarMagicOffset).StartsWith("ustar"u8) ? "a tar archive (an OVA?)" : null);
    }

    /// <summary>Whether its first 4 KiB are text: UTF-8 without control characters. A disk has zeros, at the least.</summary>
    /// <param name="file">The file.</param>
    public static bool IsText(SourceFile file)
    {
        var head = file.Head(HeadBytes);
        if (head.AsSpan().ContainsAnyInRange((byte)0, (byte)8) || head.AsSpan().ContainsAnyInRange((byte)14, (byte)31))
        {
            return false;
        }

        // The cut at 4 KiB may fall into a character of up to four bytes.
        var decoded = Encoding.UTF8.GetString(head);
        return !decoded.AsSpan(0, Math.Max(0, decoded.Length - 4)).Contains('\ufffd');
    }

    /// <summary>What a file is, with an article.</summary>
    /// <param name="file">The file.</param>
    public static string Describe(SourceFile file)
        => ImageFormats.All.FirstOrDefault(format => format.Recognises(file))?.Title
            ?? Archive(file)
            ?? (IsText(file) ? "a text file" : "a file without a known mark (a raw disk, or the rest of something)");
}
