using System.Buffers.Text;
using System.Text;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>
/// Reads cpio archives of the format newc (and newc with checksums) from memory
/// (Documentation/driver-api/early-userspace/buffer-format.rst). Nothing is ever unpacked to the host's files.
/// </summary>
internal static class CpioReader
{
    /// <summary>Length of the header: the magic and 13 numbers of 8 hexadecimal digits.</summary>
    public const int HeaderLength = 110;

    /// <summary>PATH_MAX of Linux, with the NUL.</summary>
    private const int LongestName = 4096;

    private const int MagicLength = 6;
    private const int FieldLength = 8;

    /// <summary>Whether an archive starts here.</summary>
    /// <param name="bytes">What follows.</param>
    public static bool StartsArchive(ReadOnlySpan<byte> bytes) => bytes.StartsWith("070701"u8) || bytes.StartsWith("070702"u8);

    /// <summary>Reads one archive to its trailer.</summary>
    /// <param name="bytes">Bytes that start with an archive.</param>
    /// <param name="length">Length of the archive with its trailer, without the padding behind it.</param>
    /// <returns>Its entries, the trailer last.</returns>
    /// <exception cref="InitramfsFormatException">It is damaged, or an entry would lead out of the archive's root.</exception>
    public static List<CpioEntry> Read(ReadOnlyMemory<byte> bytes, out int length)
    {
        var entries = new List<CpioEntry>();
        var at = 0;
        while (true)
        {
            var entry = ReadEntry(bytes, ref at);
            entries.Add(entry);
            if (entry.IsTrailer)
            {
                length = at;
                return entries;
            }
        }
    }

    private static CpioEntry ReadEntry(ReadOnlyMemory<byte> bytes, ref int at)
    {
        var left = bytes[at..];
        if (left.Length < HeaderLength)
            throw new InitramfsFormatException($"the archive ends inside a header at byte {at}");
        if (!StartsArchive(left.Span))
            throw new InitramfsFormatException($"no cpio header (newc) at byte {at}");
        var nameLength = Field(left.Span, 11);
        var dataLength = Field(left.Span, 6);
        if (nameLength is 0 or > LongestName)
            throw new InitramfsFormatException($"a name of {nameLength} bytes at byte {at}");
        var dataStart = Align(HeaderLength + (int)nameLength);
        if (dataStart > left.Length || dataLength > left.Length - dataStart)
            throw new InitramfsFormatException($"the entry at byte {at} is longer than the archive");

        // The padding behind the last entry may be missing; the kernel does not ask for it either.
        var end = (int)Math.Min(Align(dataStart + (long)dataLength), left.Length);
        var name = Name(left.Span.Slice(HeaderLength, (int)nameLength), at);
        at += end;
        return new CpioEntry(
            left[..end], name, Field(left.Span, 1), Field(left.Span, 0), Field(left.Span, 4), Field(left.Span, 5), left.Slice(dataStart, (int)dataLength));
    }

    private static int Align(int offset) => (offset + 3) & ~3;

    private static long Align(long offset) => (offset + 3) & ~3L;

    /// <summary>One number of the header, in the order of the specification: ino mode uid gid nlink mtime filesize maj min rmaj rmin namesize chksum.</summary>
    private static uint Field(ReadOnlySpan<byte> header, int index)
        => Utf8Parser.TryParse(header.Slice(MagicLength + (index * FieldLength), FieldLength), out uint value, out var used, 'x') && used == FieldLength
            ? value
            : throw new InitramfsFormatException("a number in a cpio header is not hexadecimal");

    private static string Name(ReadOnlySpan<byte> bytes, int at)
    {
        if (bytes[^1] != 0 || bytes[..^1].Contains((byte)0))
            throw new InitramfsFormatException($"the name at byte {at} does not end where it should");
        var name = Encoding.Latin1.GetString(bytes[..^1]);
        if (name.StartsWith('/') || Array.Exists(name.Split('/'), part => part == ".."))
            throw new InitramfsFormatException($"the entry '{Encoding.UTF8.GetString(bytes[..^1])}' leads out of the archive");
        return name;
    }
}
