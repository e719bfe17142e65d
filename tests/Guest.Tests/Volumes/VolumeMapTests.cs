using Hyper2Kvm.Guest.Tests.Fixtures;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Guest.Tests.Volumes;

public sealed class VolumeMapTests
{
    private const int KiB = 1024;

    private readonly ArrayStore[] _stores = [.. Enumerable.Range(0, 4).Select(_ => new ArrayStore(64 * KiB))];

    [Fact]
    public void Spans_that_go_on_in_one_another_become_one_and_keep_the_fast_path()
    {
        JoinedMap.Join([Span(0, 0, 4), Span(0, 4, 8)]).Should().BeOfType<SpanMap>().Which.Length.Should().Be(12 * KiB);
        JoinedMap.Join([Span(0, 4, 4), Span(0, 0, 4)]).Should().NotBeOfType<SpanMap>("they lie the other way round");
        JoinedMap.Join([Span(0, 0, 4), Span(1, 4, 4)]).Should().NotBeOfType<SpanMap>("they lie on two disks");
        Span(0, 0, 16).Slice(4 * KiB, KiB).Should().BeOfType<SpanMap>().Which.Offset.Should().Be(4 * KiB);
    }

    [Fact]
    public void Stripes_are_dealt_out_by_turns()
    {
        var map = StripedMap.Make([Span(0, 0, 8), Span(1, 4, 8), Span(2, 0, 8)], 2 * KiB, 24 * KiB);

        Write(map, 0, [.. Enumerable.Range(0, 24 * KiB).Select(at => (byte)(at / KiB))]);

        _stores[0].Content[0].Should().Be(0);
        _stores[1].Content[4 * KiB].Should().Be(2);
        _stores[2].Content[KiB].Should().Be(5);
        _stores[0].Content[2 * KiB].Should().Be(6);
        Read(map, 11 * KiB, 1)[0].Should().Be(11);
    }

    [Fact]
    public void A_leg_that_is_too_short_is_refused_before_anything_is_read_beyond_it()
        => FluentActions.Invoking(() => StripedMap.Make([Span(0, 0, 8), Span(1, 0, 7)], 2 * KiB, 16 * KiB)).Should().Throw<ArgumentException>();

    [Fact]
    public void Copies_are_all_written_and_the_next_one_is_read_where_one_fails()
    {
        var map = MirroredMap.Make([Span(0, 0, 8), Span(1, 8, 8)], [Span(2, 0, 8)], 8 * KiB);
        map.Copies.Should().Be(3);

        Write(map, 100, [1, 2, 3]);

        _stores[0].Content[100..103].Should().Equal(1, 2, 3);
        _stores[1].Content[(8 * KiB + 100)..(8 * KiB + 103)].Should().Equal(1, 2, 3);
        _stores[2].Content[100..103].Should().Equal(1, 2, 3);
        _stores[2].Content[100] = 9;
        _stores[0].IsBroken = true;
        Read(map, 100, 3).Should().Equal(1, 2, 3);
        _stores[1].IsBroken = true;
        FluentActions.Invoking(() => Read(map, 100, 3)).Should().Throw<Core.Errors.StepException>("a copy that is being rebuilt is not read");
        FluentActions.Invoking(() => Write(map, 0, [1])).Should().Throw<ServedDiskException>();
    }

    [Fact]
    public void Any_tree_gives_back_what_was_written_wherever_it_begins_and_ends()
    {
        var mirror = MirroredMap.Make([Span(0, 0, 20), Span(1, 3, 20)], [], 20 * KiB);
        var stripes = StripedMap.Make([mirror.Slice(KiB, 16 * KiB), Span(2, 1, 16), JoinedMap.Join([Span(3, 0, 5), Span(2, 40, 11)])], 512, 48 * KiB);
        var map = JoinedMap.Join([Span(3, 20, 3), stripes.Slice(700, (40 * KiB) - 700), Span(3, 30, 7)]);
        var expected = new byte[map.Length];
        var random = new Random(6);
        for (var round = 0; round < 300; round++)
        {
            var length = random.Next(1, 1 << random.Next(1, 15));
            var offset = random.Next((int)map.Length - length + 1);
            var data = new byte[length];
            random.NextBytes(data);
            Write(map, offset, data);
            data.CopyTo(expected, offset);
        }

        Read(map, 0, expected.Length).Should().Equal(expected);
        mirror.Disks.Should().Equal(0, 1);
        map.Disks.Should().Equal(0, 1, 2, 3);
        _stores[0].Content.AsSpan(0, 20 * KiB).SequenceEqual(_stores[1].Content.AsSpan(3 * KiB, 20 * KiB)).Should().BeTrue("the copies are the same");
        Served(map).Flush();
        _stores.Should().OnlyContain(store => store.Flushes == 1);
    }

    [Fact]
    public void What_lies_on_a_read_only_disk_is_read_only()
        => JoinedMap.Join([Span(0, 0, 1), new SpanMap(new ArrayStore(KiB, readOnly: true), 5, 0, KiB)]).IsReadOnly.Should().BeTrue();

    private SpanMap Span(int store, int offsetKiB, int lengthKiB) => new(_stores[store], store, offsetKiB * KiB, lengthKiB * KiB);

    private WritableMappedDisk Served(VolumeMap map) => new(map, [.. map.Disks.Select(disk => _stores[disk])]);

    private void Write(VolumeMap map, int offset, byte[] data) => Served(map).Write((ulong)offset, data);

    private static byte[] Read(VolumeMap map, int offset, int length)
    {
        var data = new byte[length];
        map.ReadAt(data, offset).Should().Be(length);
        return data;
    }
}
