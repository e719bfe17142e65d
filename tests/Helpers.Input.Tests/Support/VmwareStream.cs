using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Hyper2Kvm.Helpers.Input.Tests.Support;

/// <summary>
/// Writes a stream-optimised VMDK as VMware does: grains first, each grain table behind its grains, then directory, footer and end ("Virtual
/// Disk Format 5.0", "Stream-Optimized Compressed Sparse Extents"). qemu-img only writes streams with the tables in front.
/// </summary>
internal sealed class VmwareStream
{
    public const int Sector = 512;
    private const uint Magic = 0x564d444b;
    private const int Overhead = 128;
    private const int EntriesPerTable = 512;
    private readonly ArrayBufferWriter<byte> _file = new();

    /// <summary>Sectors of the disk.</summary>
    public required long Capacity { get; init; }

    /// <summary>Sectors of a grain.</summary>
    public int GrainSize { get; init; } = 128;

    /// <summary>A grain: its data (whole, or as far as the disk goes), empty for zeros (entry 1), null where it is not allocated.</summary>
    public required Func<long, byte[]?> Grain { get; init; }

    /// <summary>Changes the marker and data of a grain before it is written.</summary>
    public Func<long, byte[], byte[]> Damage { get; init; } = (_, record) => record;

    /// <summary>Sector of each grain that was written.</summary>
    public Dictionary<long, uint> Places { get; } = [];

    public static byte[] Deflate(ReadOnlySpan<byte> data, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var output = new MemoryStream();
        using (var zlib = new ZLibStream(output, level, leaveOpen: true))
        {
            zlib.Write(data);
        }

        return output.ToArray();
    }

    public void Write(string path)
    {
        var descriptor = $"""
            # Disk DescriptorFile
            version=1
            CID=12345678
            parentCID=ffffffff
            createType="streamOptimized"
            RW {Capacity} SPARSE "disk.vmdk"
            ddb.adapterType = "lsilogic"

            """;
        Append(Header(ulong.MaxValue));
        Append(System.Text.Encoding.ASCII.GetBytes(descriptor));
        Append(new byte[(Overhead * Sector) - _file.WrittenCount]);
        var grains = (Capacity + GrainSize - 1) / GrainSize;
        var directory = new uint[(grains + EntriesPerTable - 1) / EntriesPerTable];
        for (var table = 0; table < directory.Length; table++)
        {
            directory[table] = WriteTable(table, grains);
        }

        Marker(1 + (directory.Length / 128), type: 2);
        var place = Numbers(directory);
        Marker(1, type: 3);
        Append(Header(place));
        Append(new byte[Sector]);
        File.WriteAllBytes(path, _file.WrittenSpan);
    }

    private uint WriteTable(int table, long grains)
    {
        var entries = new uint[EntriesPerTable];
        for (var i = 0; i < EntriesPerTable && (table * (long)EntriesPerTable) + i < grains; i++)
        {
            var grain = (table * (long)EntriesPerTable) + i;
            entries[i] = Grain(grain) switch
            {
                null => 0,
                [] => 1,
                var data => WriteGrain(grain, data),
            };
        }

        if (!entries.AsSpan().ContainsAnyExcept(0u))
        {
            return 0;
        }

        Marker(4, type: 1);
        return Numbers(entries);
    }

    private uint WriteGrain(long grain, byte[] data)
    {
        var deflated = Deflate(data);
        var record = new byte[12 + deflated.Length];
        BinaryPrimitives.WriteInt64LittleEndian(record, grain * GrainSize);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), deflated.Length);
        deflated.CopyTo(record, 12);
        return Places[grain] = Append(Damage(grain, record));
    }

    private void Marker(long sectors, uint type)
    {
        var marker = new byte[Sector];
        BinaryPrimitives.WriteInt64LittleEndian(marker, sectors);
        BinaryPrimitives.WriteUInt32LittleEndian(marker.AsSpan(12), type);
        Append(marker);
    }

    private uint Numbers(uint[] numbers)
    {
        var bytes = new byte[numbers.Length * sizeof(uint)];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), numbers[i]);
        }

        return Append(bytes);
    }

    private byte[] Header(ulong directory)
    {
        var header = new byte[Sector];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), 3);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), (3 << 16) | 1 | 4); // compressed, markers; newline test valid; zero grains
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(12), Capacity);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(20), GrainSize);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(28), 1);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(36), 20);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(44), EntriesPerTable);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(56), directory);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(64), Overhead);
        "\n \r\n"u8.CopyTo(header.AsSpan(73));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(77), 1);
        return header;
    }

    /// <summary>Appends whole sectors.</summary>
    /// <returns>The first one's number.</returns>
    private uint Append(byte[] data)
    {
        var sector = (uint)(_file.WrittenCount / Sector);
        _file.Write(data);
        _file.Write(new byte[(Sector - (data.Length % Sector)) % Sector]);
        return sector;
    }
}
