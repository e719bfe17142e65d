using Hyper2Kvm.Guest.Tests.Fixtures;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Luks;

namespace Hyper2Kvm.Guest.Tests.Volumes.Luks;

public sealed class LuksStoreTests
{
    private const int Start = 8192;
    private const int Length = 1 << 20;

    private readonly ArrayStore _disk = new(Start + Length + 4096);

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void Any_range_is_written_zeroed_and_read_as_on_a_plain_disk(int sectorBytes)
    {
        using var store = Open(sectorBytes);
        var model = new byte[Length];
        store.Zero(0, Length);
        var random = new Random(sectorBytes);
        for (var round = 0; round < 300; round++)
        {
            var offset = random.Next(Length);
            var length = Math.Min(Length - offset, random.Next(4) == 0 ? random.Next(400_000) : random.Next(9000));
            var data = new byte[length];
            if (random.Next(4) == 0)
            {
                store.Zero(offset, length);
            }
            else
            {
                random.NextBytes(data);
                store.WriteAt(data, offset);
            }

            data.CopyTo(model, offset);
            var from = random.Next(Length);
            var back = new byte[random.Next(20_000)];
            var count = store.ReadAt(back, from);
            count.Should().Be(Math.Min(back.Length, Length - from));
            back.AsSpan(0, count).SequenceEqual(model.AsSpan(from, count)).Should().BeTrue($"round {round}, {from}");
        }

        var all = new byte[Length + 100];
        store.ReadAt(all, 0).Should().Be(Length);
        all.AsSpan(0, Length).SequenceEqual(model).Should().BeTrue();
        store.ReadAt(all, Length).Should().Be(0);
        _disk.Content.AsSpan(0, Start).IndexOfAnyExcept((byte)0).Should().Be(-1, "what lies before the data is the header's");
        _disk.Content.AsSpan(Start + Length).IndexOfAnyExcept((byte)0).Should().Be(-1);
    }

    [Fact]
    public void Parts_of_one_sector_written_by_many_threads_are_all_there()
    {
        using var store = Open(4096);
        store.Zero(0, Length);

        Parallel.For(0, 8, writer =>
        {
            for (var at = writer * 100; at < 64 * 1024; at += 800)
            {
                store.WriteAt([.. Enumerable.Repeat((byte)(writer + 1), 100)], at);
            }
        });

        var all = new byte[64 * 1024];
        store.ReadAt(all, 0);
        Enumerable.Range(0, 81 * 800).Where(at => all[at] != (byte)((at / 100 % 8) + 1)).Should().BeEmpty();
    }

    [Fact]
    public void What_is_on_the_disk_is_not_what_was_written_and_it_offers_no_holes()
    {
        using var store = Open(512);
        store.WriteAt([.. Enumerable.Repeat((byte)'x', 4096)], 0);

        _disk.Content.AsSpan(Start, 4096).IndexOf("xxxx"u8).Should().Be(-1);
        var before = _disk.Content.ToArray();
        store.Trim(0, 4096);
        _disk.Content.Should().Equal(before);
        store.CanTrim.Should().BeFalse("a hole reads as zeroes, which decrypt to noise");
        new WritableMappedDisk(new SpanMap(store, 0, 0, Length)).CanTrim.Should().BeFalse();
        new WritableMappedDisk(new SpanMap(_disk, 0, 0, Length)).CanTrim.Should().BeTrue();
        store.Flush();
        _disk.Flushes.Should().Be(1);
    }

    private LuksStore Open(int sectorBytes)
        => new(new SpanMap(_disk, 0, 0, _disk.Length), new LuksSegment(Start, Length, 77, "aes-xts-plain64", sectorBytes), [.. Enumerable.Range(0, 64).Select(value => (byte)value)]);
}
