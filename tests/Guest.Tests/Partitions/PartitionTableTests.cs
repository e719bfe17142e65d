using System.Text.Json;
using Hyper2Kvm.Guest.Partitions;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Partitions;

public sealed class PartitionTableTests : IDisposable
{
    private const long MiB = DiskImage.MiB;
    private const int Edge = TableBytes.Length;

    internal const string MbrScript = """
        label: dos
        label-id: 0xcafe0001
        1 : start=2048, size=20480, type=83, bootable
        2 : start=22528, size=100000, type=5
        3 : start=130000, size=2048, type=82
        5 : start=24576, size=2048, type=83
        6 : start=30720, size=2048, type=8e
        7 : start=40960, size=2048, type=fd
        """;

    internal const string GptScript = """
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
        var table = PartitionTable.Read(new MemoryDisk(100 * MiB, TableBytes.Gpt(sectorBytes: 4096, first: 256, last: 511)));

        table.Problems.Should().BeEmpty();
        table.Partitions.Should().ContainSingle().Which.Should().Match<Partition>(entry => entry.Offset == MiB && entry.Length == MiB);
    }

    [Fact]
    public void A_hybrid_mbr_is_read_by_its_gpt()
    {
        var bytes = TableBytes.Gpt(512, 40, 50);
        TableBytes.Entry(bytes, 0, 1, type: 0x83, start: 40, sectors: 11);

        PartitionTable.Read(new MemoryDisk(100 * MiB, bytes)).Kind.Should().Be(PartitionTableKind.Gpt);
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

    private static void Flip(string path, long offset)
    {
        using var file = File.OpenHandle(path, access: FileAccess.ReadWrite);
        var value = new byte[1];
        RandomAccess.Read(file, value, offset);
        value[0] ^= 0xFF;
        RandomAccess.Write(file, value, offset);
    }
}
