using System.Buffers.Binary;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>A metadata area: a header and a ring of texts, the newest of which counts (LVM2, lib/format_text/layout.h: struct mda_header, raw_locn).</summary>
internal static class LvmMetadataArea
{
    private const int HeaderBytes = 512;
    private const int ChecksumBytes = 4;
    private const uint Version = 1;
    private const int LocationsOffset = 40;
    private const uint Ignored = 1;

    /// <summary>Longest text that is read, bytes: a group of some thousand volumes.</summary>
    public const int LongestText = 4 * 1024 * 1024;

    private static ReadOnlySpan<byte> Magic => " LVM2 x[5A%r0N*>"u8;

    /// <summary>The text in force.</summary>
    /// <param name="volume">The physical volume.</param>
    /// <param name="start">Where the area starts, bytes.</param>
    /// <param name="length">Its length, bytes; within the volume.</param>
    /// <param name="problem">What is wrong with it; <see langword="null"/> for an area that is sound and empty.</param>
    public static byte[]? ReadText(IDiskReader volume, long start, long length, out string? problem)
    {
        problem = null;
        var header = new byte[HeaderBytes];
        if (length < HeaderBytes || volume.ReadAt(header, start) < HeaderBytes || !header.AsSpan(4, Magic.Length).SequenceEqual(Magic))
        {
            problem = $"no metadata area at byte {start}";
            return null;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LvmChecksum.Add(LvmChecksum.Initial, header.AsSpan(ChecksumBytes)))
        {
            problem = $"the header of the metadata area at byte {start} has a wrong checksum";
            return null;
        }

        var location = header.AsSpan(LocationsOffset);
        var offset = BinaryPrimitives.ReadUInt64LittleEndian(location);
        var size = BinaryPrimitives.ReadUInt64LittleEndian(location[8..]);
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(location[16..]);
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(location[20..]);
        if (offset == 0 || (flags & Ignored) != 0)
        {
            return null;
        }

        problem =
            BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(20)) != Version ? $"the metadata area at byte {start} is of an unknown version"
            : BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(24)) != (ulong)start || BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(32)) != (ulong)length
                ? $"the metadata area at byte {start} says that it lies elsewhere"
            : offset < HeaderBytes || offset >= (ulong)length || size > (ulong)(length - HeaderBytes) ? $"the text of the metadata area at byte {start} lies outside of it"
            : size > LongestText ? $"the text of the metadata area at byte {start} has {size} bytes, more than the {LongestText} that are read"
            : null;
        if (problem is not null)
        {
            return null;
        }

        // A ring: what does not fit before the end goes on behind the header.
        var text = new byte[(int)size];
        var first = (int)Math.Min((long)size, length - (long)offset);
        if (volume.ReadAt(text.AsSpan(0, first), start + (long)offset) < first || volume.ReadAt(text.AsSpan(first), start + HeaderBytes) < text.Length - first)
        {
            problem = $"the text of the metadata area at byte {start} is cut off";
            return null;
        }

        if (LvmChecksum.Add(LvmChecksum.Initial, text) != checksum)
        {
            problem = $"the text of the metadata area at byte {start} has a wrong checksum";
            return null;
        }

        return text;
    }
}
