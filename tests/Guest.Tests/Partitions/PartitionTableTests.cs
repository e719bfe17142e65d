using System.Buffers.Binary;
using System.Text.Json;
using Hyper2Kvm.Guest.Partitions;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Partitions;

public sealed class PartitionTableTests : IDisposable
{
    private const long MiB = DiskImage.MiB;
    private const int Edge = 1024 * 1024;

    private const string MbrScript = """
        label: dos
        label-id: 0xcafe0001
        1 : start=2048, size=20480, type=83, bootable
        2 : start=22528, size=100000, type=5
        3 : start=130000, size=2048, type=82
        5 : start=24576, size=2048, type=83
        6 : start=30720, size=2048, type=8e
        7 : start=40960, size=2048, type=fd
        """;

    private const string GptScript = """
        label: gpt
        1 : start=2048, size=20480, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name="EFI System ä"
        3 : start=40960, size=20480, type=21686148-6449-6E6F-744E-656564454649, attrs="LegacyBIOSBootable"
        128 : start=81920, size=20480
        """;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(MbrScript)]
    [InlineData(GptScript)]
    public void What_sfdisk_wrote_is_read_as_sfdisk_reads_it(string script)
    {
        var image = new DiskImage(_scratch, "a").Sized(100 * MiB).Partitioned(script);
        using var json = JsonDocument.Parse(Tool.Run("sfdisk", "--json", image.Path));
        var expected = json.RootElement.GetProperty("partitiontable").GetProperty("partitions").EnumerateArray()
            .Where(entry => entry.GetProperty("type").GetString() != "5")
            .Select(entry => (
                entry.GetProperty("node").GetString()![image.Path.Length..],
                entry.GetProperty("start").GetInt64() * 512,
                entry.GetProperty("size").GetInt64() * 512,
                entry.GetProperty("type").GetString()!.ToLowerInvariant(),
                entry.TryGetProperty("name", out var name) ? name.GetString() : null));

        var table = PartitionTable.Read(MemoryDisk.Of(image.Path, (int)(50 * MiB)));

        table.Problems.Should().BeEmpty();
        table.Partitions.OrderBy(entry => entry.Number).Select(entry => (entry.Number.ToString(), entry.Offset, entry.Length, entry.Type, entry.Label)).Should().Equal(expected);
    }

    [Fact]
    public void Partition_uuids_and_boot_flags_are_those_of_blkid()
    {
        var mbr = new DiskImage(_scratch, "a").Sized(100 * MiB).Partitioned(MbrScript);
        var gpt = new DiskImage(_scratch, "b").Sized(100 * MiB).Partitioned(GptScript);

        var logical = PartitionTable.Read(MemoryDisk.Of(mbr.Path, (int)(50 * MiB))).Partitions;
        logical.Select(entry => entry.Uuid).Should().Equal("cafe0001-01", "cafe0001-03", "cafe0001-05", "cafe0001-06", "cafe0001-07");
        logical.Select(entry => entry.Bootable).Should().Equal(true, false, false, false, false);

        var partitions = PartitionTable.Read(MemoryDisk.Of(gpt.Path, Edge)).Partitions;
        partitions[0].Uuid.Should().Be(Tool.Run("sfdisk", "--part-uuid", gpt.Path, "1").Trim().ToLowerInvariant());
        partitions.Select(entry => entry.Bootable).Should().Equal(false, true, false);
    }

    [Theory]
    [InlineData(512 + 16)]
    [InlineData(512 + 72)]
    [InlineData(1024 + 3)]
    public void A_damaged_primary_gpt_gives_way_to_the_backup_and_says_so(int damagedByte)
    {
        var image = new DiskImage(_scratch, "a").Sized(100 * MiB).Partitioned(GptScript);
        Flip(image.Path, damagedByte);

        var table = PartitionTable.Read(MemoryDisk.Of(image.Path, Edge));

        table.Partitions.Should().HaveCount(3);
        table.Problems.Should().Contain(problem => problem.Contains("checksum")).And.Contain("the backup table was used");
    }

    [Fact]
    public void A_gpt_with_both_headers_damaged_has_no_partitions_and_a_reason()
    {
        var image = new DiskImage(_scratch, "a").Sized(100 * MiB).Partitioned(GptScript);
        Flip(image.Path, 512 + 16);
        Flip(image.Path, (100 * MiB) - 512 + 16);

        var table = PartitionTable.Read(MemoryDisk.Of(image.Path, Edge));

        table.Kind.Should().Be(PartitionTableKind.Gpt);
        table.Partitions.Should().BeEmpty();
        table.Problems.Should().Contain("neither header of the GPT is sound");
    }

    [Fact]
    public void Sectors_of_4096_bytes_are_found_out()
    {
        var table = PartitionTable.Read(new MemoryDisk(100 * MiB, Gpt(sectorBytes: 4096, first: 256, last: 511)));

        table.Problems.Should().BeEmpty();
        table.Partitions.Should().ContainSingle().Which.Should().Match<Partition>(entry => entry.Offset == MiB && entry.Length == MiB);
    }

    [Theory]
    [InlineData(10, 5)]
    [InlineData(0, 5)]
    [InlineData(40, 1L << 40)]
    [InlineData(40, -1)]
    public void A_gpt_entry_that_lies_outside_of_the_disk_is_left_out(long first, long last)
    {
        var table = PartitionTable.Read(new MemoryDisk(100 * MiB, Gpt(512, first, last)));

        table.Partitions.Should().BeEmpty();
        table.Problems.Should().ContainSingle().Which.Should().Contain("outside of the disk");
    }

    [Fact]
    public void A_gpt_with_a_huge_number_of_entries_is_refused_without_reading_them()
    {
        var bytes = Gpt(512, 40, 50, entries: 0x0200_0000);
        var disk = new MemoryDisk(1L << 40, bytes);

        PartitionTable.Read(disk).Partitions.Should().BeEmpty();
        disk.BytesRead.Should().BeLessThan(64 * 1024);
    }

    [Fact]
    public void A_hybrid_mbr_is_read_by_its_gpt()
    {
        var bytes = Gpt(512, 40, 50);
        Entry(bytes, 0, 1, type: 0x83, start: 40, sectors: 11);

        PartitionTable.Read(new MemoryDisk(100 * MiB, bytes)).Kind.Should().Be(PartitionTableKind.Gpt);
    }

    [Fact]
    public void A_chain_of_logical_partitions_that_comes_back_ends()
    {
        var bytes = new byte[Edge];
        BootRecord(bytes, 0);
        Entry(bytes, 0, 0, type: 0x05, start: 100, sectors: 1000);
        BootRecord(bytes, 100 * 512);
        Entry(bytes, 100 * 512, 0, type: 0x83, start: 1, sectors: 10);
        Entry(bytes, 100 * 512, 1, type: 0x05, start: 0, sectors: 10);

        var table = PartitionTable.Read(new MemoryDisk(100 * MiB, bytes));

        table.Partitions.Select(entry => entry.Number).Should().Equal(5);
        table.Problems.Should().ContainSingle().Which.Should().Contain("comes back");
    }

    [Fact]
    public void An_mbr_partition_past_the_end_is_cut_or_left_out()
    {
        var bytes = new byte[Edge];
        BootRecord(bytes, 0);
        Entry(bytes, 0, 0, type: 0x83, start: 2048, sectors: uint.MaxValue);
        Entry(bytes, 0, 1, type: 0x83, start: uint.MaxValue, sectors: 1);

        var table = PartitionTable.Read(new MemoryDisk(100 * MiB, bytes));

        table.Partitions.Should().ContainSingle().Which.Length.Should().Be(99 * MiB);
        table.Problems.Should().HaveCount(2);
    }

    [Fact]
    public void An_empty_a_short_and_a_file_system_disk_have_no_table()
    {
        var fat = new DiskImage(_scratch, "fat").Sized(16 * MiB).WithFat(0, 16 * MiB);

        PartitionTable.Read(new MemoryDisk(0, [])).Should().BeSameAs(PartitionTable.Empty);
        PartitionTable.Read(new MemoryDisk(511, new byte[511])).Should().BeSameAs(PartitionTable.Empty);
        PartitionTable.Read(new MemoryDisk(MiB, [])).Should().BeSameAs(PartitionTable.Empty);
        PartitionTable.Read(MemoryDisk.Of(fat.Path, Edge)).Should().BeSameAs(PartitionTable.Empty);
    }

    [Theory]
    [InlineData(MbrScript)]
    [InlineData(GptScript)]
    public void Mutated_tables_never_crash_hang_or_point_outside_of_the_disk(string script)
    {
        const int TableBytes = 34 * 512;
        var image = new DiskImage(_scratch, "a").Sized(100 * MiB).Partitioned(script);
        using var file = File.OpenHandle(image.Path);
        var sound = new byte[25 * MiB];
        RandomAccess.Read(file, sound, 0);
        var random = new Random(20260);
        var bytes = (byte[])sound.Clone();

        for (var round = 0; round < 20_000; round++)
        {
            var touched = Enumerable.Range(0, random.Next(1, 8)).Select(_ => Place(random)).ToArray();
            Array.ForEach(touched, at => bytes[at] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)(bytes[at] ^ (1 << random.Next(8))));
            if (random.Next(2) == 0)
            {
                // Half of them with sound checksums, or no mutant of a GPT would get past the header.
                Seal(bytes, 512);
            }

            var disk = new MemoryDisk(random.Next(10) == 0 ? random.NextInt64(1, 100 * MiB) : 100 * MiB, bytes);
            var table = PartitionTable.Read(disk);

            (table.Partitions.All(entry => entry.Offset > 0 && entry.Length > 0 && entry.Offset + entry.Length <= disk.Length) && disk.BytesRead < 8 * MiB)
                .Should().BeTrue("round {0} must stay inside of the disk", round);
            Array.ForEach(touched, at => bytes[at] = sound[at]);
            sound.AsSpan(512, 512).CopyTo(bytes.AsSpan(512));
        }

        static int Place(Random random) => random.Next(3) switch
        {
            0 => 440 + random.Next(72),
            1 => random.Next(TableBytes),
            _ => (new[] { 22528, 30718, 28672, 38912 }[random.Next(4)] * 512) + 446 + random.Next(66),
        };
    }

    private static void Flip(string path, long offset)
    {
        using var file = File.OpenHandle(path, access: FileAccess.ReadWrite);
        var value = new byte[1];
        RandomAccess.Read(file, value, offset);
        value[0] ^= 0xFF;
        RandomAccess.Write(file, value, offset);
    }

    private static void BootRecord(byte[] bytes, int offset) => (bytes[offset + 510], bytes[offset + 511]) = (0x55, 0xAA);

    private static void Entry(byte[] bytes, int record, int index, byte type, uint start, uint sectors)
    {
        var entry = bytes.AsSpan(record + 446 + (index * 16), 16);
        entry[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], start);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], sectors);
    }

    /// <summary>A protective MBR and a primary GPT with one partition.</summary>
    private static byte[] Gpt(int sectorBytes, long first, long last, uint entries = 128)
    {
        var bytes = new byte[Edge];
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

    private static void Seal(byte[] bytes, int sectorBytes)
    {
        var header = bytes.AsSpan(sectorBytes, 92);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.Of(bytes.AsSpan(2 * sectorBytes, 128 * 128)));
        header.Slice(16, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.Of(header));
    }
}
