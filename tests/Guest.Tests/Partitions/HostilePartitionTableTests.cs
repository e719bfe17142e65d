using Hyper2Kvm.Guest.Partitions;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Partitions;

/// <summary>Tables that are made, or damaged, to lead out of the disk or nowhere.</summary>
public sealed class HostilePartitionTableTests : IDisposable
{
    private const long MiB = DiskImage.MiB;
    private const int Rounds = 20_000;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(10, 5)]
    [InlineData(0, 5)]
    [InlineData(40, 1L << 40)]
    [InlineData(40, -1)]
    public void A_gpt_entry_that_lies_outside_of_the_disk_is_left_out(long first, long last)
    {
        var table = PartitionTable.Read(new MemoryDisk(100 * MiB, TableBytes.Gpt(512, first, last)));

        table.Partitions.Should().BeEmpty();
        table.Problems.Should().ContainSingle().Which.Should().Contain("outside of the disk");
    }

    [Fact]
    public void A_gpt_with_a_huge_number_of_entries_is_refused_without_reading_them()
    {
        var bytes = TableBytes.Gpt(512, 40, 50, entries: 0x0200_0000);
        var disk = new MemoryDisk(1L << 40, bytes);

        PartitionTable.Read(disk).Partitions.Should().BeEmpty();
        disk.BytesRead.Should().BeLessThan(64 * 1024);
    }

    [Fact]
    public void A_chain_of_logical_partitions_that_comes_back_ends()
    {
        var bytes = new byte[TableBytes.Length];
        TableBytes.BootRecord(bytes, 0);
        TableBytes.Entry(bytes, 0, 0, type: 0x05, start: 100, sectors: 1000);
        TableBytes.BootRecord(bytes, 100 * 512);
        TableBytes.Entry(bytes, 100 * 512, 0, type: 0x83, start: 1, sectors: 10);
        TableBytes.Entry(bytes, 100 * 512, 1, type: 0x05, start: 0, sectors: 10);

        var table = PartitionTable.Read(new MemoryDisk(100 * MiB, bytes));

        table.Partitions.Select(entry => entry.Number).Should().Equal(5);
        table.Problems.Should().ContainSingle().Which.Should().Contain("comes back");
    }

    [Fact]
    public void An_mbr_partition_past_the_end_is_cut_or_left_out()
    {
        var bytes = new byte[TableBytes.Length];
        TableBytes.BootRecord(bytes, 0);
        TableBytes.Entry(bytes, 0, 0, type: 0x83, start: 2048, sectors: uint.MaxValue);
        TableBytes.Entry(bytes, 0, 1, type: 0x83, start: uint.MaxValue, sectors: 1);

        var table = PartitionTable.Read(new MemoryDisk(100 * MiB, bytes));

        table.Partitions.Should().ContainSingle().Which.Length.Should().Be(99 * MiB);
        table.Problems.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(PartitionTableTests.MbrScript)]
    [InlineData(PartitionTableTests.GptScript)]
    public void Mutated_tables_never_crash_hang_or_point_outside_of_the_disk(string script)
    {
        const int GptBytes = 34 * 512;
        var image = new DiskImage(_scratch, "a").Sized(100 * MiB).Partitioned(script);
        using var file = File.OpenHandle(image.Path);
        var sound = new byte[25 * MiB];
        RandomAccess.Read(file, sound, 0);
        var bytes = (byte[])sound.Clone();

        Fuzz.Run(Rounds, Mutate, script);

        void Mutate(Random random)
        {
            var touched = Enumerable.Range(0, random.Next(1, 8)).Select(_ => Place(random)).ToArray();
            Array.ForEach(touched, at => bytes[at] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)(bytes[at] ^ (1 << random.Next(8))));
            if (random.Next(2) == 0)
            {
                // Half of them with sound checksums, or no mutant of a GPT would get past the header.
                TableBytes.Seal(bytes, 512);
            }

            var disk = new MemoryDisk(random.Next(10) == 0 ? random.NextInt64(1, 100 * MiB) : 100 * MiB, bytes);
            var table = PartitionTable.Read(disk);

            (table.Partitions.All(entry => entry.Offset > 0 && entry.Length > 0 && entry.Offset + entry.Length <= disk.Length) && disk.BytesRead < 8 * MiB)
                .Should().BeTrue("it must stay inside of the disk");
            Array.ForEach(touched, at => bytes[at] = sound[at]);
            sound.AsSpan(512, 512).CopyTo(bytes.AsSpan(512));
        }

        static int Place(Random random) => random.Next(3) switch
        {
            0 => 440 + random.Next(72),
            1 => random.Next(GptBytes),
            _ => (new[] { 22528, 30718, 28672, 38912 }[random.Next(4)] * 512) + 446 + random.Next(66),
        };
    }
}
