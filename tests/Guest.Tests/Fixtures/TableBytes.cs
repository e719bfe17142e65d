using System.Buffers.Binary;
using Hyper2Kvm.Guest.Partitions;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>Partition tables byte by byte, for what no tool writes.</summary>
internal static class TableBytes
{
    /// <summary>Bytes of the start of a disk that <see cref="Gpt"/> makes.</summary>
    public const int Length = 1024 * 1024;

    public static void BootRecord(byte[] bytes, int offset) => (bytes[offset + 510], bytes[offset + 511]) = (0x55, 0xAA);

    public static void Entry(byte[] bytes, int record, int index, byte type, uint start, uint sectors)
    {
        var entry = bytes.AsSpan(record + 446 + (index * 16), 16);
        entry[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], start);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], sectors);
    }

    /// <summary>A protective MBR and a primary GPT with one partition.</summary>
    public static byte[] Gpt(int sectorBytes, long first, long last, uint entries = 128)
    {
        var bytes = new byte[Length];
        BootRecord(bytes, 0);
        Entry(bytes, 0, 0, type: 0xEE, start: 1, sectors: uint.MaxValue);
        var header = bytes.AsSpan(sectorBytes);
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], 92);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(header[72..], 2);
        BinaryPrimitives.WriteUInt32LittleEndian(header[80..], entries);
        BinaryPrimitives.WriteUInt32LittleEndian(header[84..], 128);
        var entry = bytes.AsSpan(2 * sectorBytes);
        entry[..32].Fill(7);
        BinaryPrimitives.WriteInt64LittleEndian(entry[32..], first);
        BinaryPrimitives.WriteInt64LittleEndian(entry[40..], last);
        Seal(bytes, sectorBytes);
        return bytes;
    }

    public static void Seal(byte[] bytes, int sectorBytes)
    {
        var header = bytes.AsSpan(sectorBytes, 92);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.Of(bytes.AsSpan(2 * sectorBytes, 128 * 128)));
        header.Slice(16, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.Of(header));
    }
}
