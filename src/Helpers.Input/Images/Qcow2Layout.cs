using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>Where the parts of a qcow2 file lie.</summary>
internal static class Qcow2Layout
{
    private const ulong OffsetMask = 0x00fffffffffffe00; // bits 9 to 55, as in every table entry
    private const int LargestTableBytes = 32 << 20;      // QEMU's own limit for L1 (QCOW_MAX_L1_SIZE)

    /// <summary>
    /// Fails where the file is shorter than what it uses. Instead of all L2 tables, only the last used refcount block is read: it tells
    /// the last cluster in use ("Host cluster management").
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="clusterBits">Bits of a cluster's size.</param>
    /// <param name="version">2 or 3.</param>
    /// <exception cref="StepException">It is truncated or damaged.</exception>
    public static void Check(SourceFile file, ReadOnlySpan<byte> header, int clusterBits, uint version)
    {
        var l1Entries = BinaryPrimitives.ReadUInt32BigEndian(header[36..]);
        file.RequireLength(Offset(file, header[40..]), l1Entries * sizeof(ulong), "the L1 table");

        var clusterBytes = 1L << clusterBits;
        var tableBytes = BinaryPrimitives.ReadUInt32BigEndian(header[56..]) * clusterBytes;
        var order = version == 3 ? BinaryPrimitives.ReadUInt32BigEndian(header[96..]) : 4;
        if (tableBytes > LargestTableBytes || l1Entries * sizeof(ulong) > LargestTableBytes || order > 6)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: its header claims tables of an impossible size");
        }

        var table = file.Read(Offset(file, header[48..]), (int)tableBytes, "the refcount table");
        var last = (table.Length / sizeof(ulong)) - 1;
        while (last >= 0 && BinaryPrimitives.ReadUInt64BigEndian(table.AsSpan(last * sizeof(ulong))) == 0)
        {
            last--;
        }

        if (last < 0)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: its refcount table is empty");
        }

        var blockOffset = (long)(BinaryPrimitives.ReadUInt64BigEndian(table.AsSpan(last * sizeof(ulong))) & OffsetMask);
        var block = file.Read(blockOffset, (int)clusterBytes, "the last refcount block");
        var lastUsedByte = block.AsSpan().LastIndexOfAnyExcept((byte)0);
        if (lastUsedByte >= 0)
        {
            var clustersABlock = clusterBytes * 8 >> (int)order;
            var cluster = (last * clustersABlock) + ((lastUsedByte * 8L) >> (int)order);

            // The last cluster may be cut: the end of compressed data is not padded.
            file.RequireLength(cluster * clusterBytes, 1, $"what it uses, up to cluster {cluster} of {clusterBytes} bytes,");
        }
    }

    /// <summary>Text of a header extension ("Header extensions"), or <see langword="null"/>.</summary>
    /// <param name="file">The file.</param>
    /// <param name="start">Where the extensions begin, bytes.</param>
    /// <param name="end">Where they end at the latest, bytes.</param>
    /// <param name="type">Type of the extension.</param>
    public static string? Extension(SourceFile file, long start, long end, uint type)
    {
        while (start + 8 <= end)
        {
            var head = file.Read(start, 8, "a header extension").AsSpan();
            var found = BinaryPrimitives.ReadUInt32BigEndian(head);
            var length = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
            if (found == 0 || length > end - start)
            {
                return null;
            }

            if (found == type)
            {
                return Encoding.UTF8.GetString(file.Read(start + 8, (int)length, "a header extension"));
            }

            start += 8 + ((length + 7L) / 8 * 8);
        }

        return null;
    }

    private static long Offset(SourceFile file, ReadOnlySpan<byte> field)
    {
        var value = BinaryPrimitives.ReadUInt64BigEndian(field);
        return value <= long.MaxValue
            ? (long)value
            : throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: its header points to byte {value}");
    }
}
