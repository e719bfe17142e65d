using System.Buffers.Binary;
using Hyper2Kvm.Guest.Tests.Fixtures;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Lvm;
using Hyper2Kvm.Guest.Volumes.Md;

namespace Hyper2Kvm.Guest.Tests.Volumes;

/// <summary>Real metadata with damage of every kind, its checksums made right again so that the damage gets in.</summary>
public sealed class VolumeFuzzTests
{
    private const int Rounds = 100;
    private const int Sector = 512;

    private static readonly byte[][] Extremes =
        [[0, 0, 0, 0, 0, 0, 0, 0], [255, 255, 255, 255, 255, 255, 255, 255], [255, 255, 255, 255, 255, 255, 255, 127], [0, 0, 0, 0, 0, 0, 0, 128], [255, 255, 255, 127], [1, 0, 0, 0], [0, 2, 0, 0, 0, 0, 0, 0]];

    private static readonly string[] Words = ["999999999999999999", "0", "-1", "4294967295", "\"pv0\"", "\"pv1\"", "segment1 {", "}", "{", "[", "]", "\"striped\"", "\"mirror\"", "\"raid1\"", "\"data\"", "type = \"raid1\"\nraids = [\"data\",\"data\"]"];

    public static TheoryData<string> Images() => [.. MetadataSample.Names];

    [Theory]
    [MemberData(nameof(Images))]
    public void Damaged_metadata_never_makes_a_crash_a_hang_or_a_large_allocation(string image)
    {
        var sample = MetadataSample.Load(image);
        Fuzz.Run(Rounds, random => Try(sample, random), image);
    }

    private static void Try(MetadataSample sample, Random random)
    {
        var disks = sample.Disks.Select(disk => disk.Copy()).ToList();
        for (var times = random.Next(1, 12); times > 0; times--)
        {
            var disk = disks[random.Next(disks.Count)];
            Damage(random.Next(8) == 0 ? disk.Tail : disk.Head, random);
        }

        if (random.Next(10) > 0)
        {
            disks.ForEach(Reseal);
        }

        var readers = disks.Select(disk => new MemoryDisk(disk.Length, disk.Head, disk.Tail)).ToList();
        var (_, volumes) = VolumeDiscovery.Discover(readers);
        foreach (var map in volumes.Select(volume => volume.Map).OfType<VolumeMap>())
        {
            Read(map, random);
        }
    }

    /// <summary>Every place that a map names lies within its disk.</summary>
    private static void Read(VolumeMap map, Random random)
    {
        var places = new List<VolumePlace>();
        foreach (var offset in (long[])[0, map.Length - 1, random.NextInt64(map.Length), random.NextInt64(map.Length)])
        {
            places.Clear();
            var run = map.Locate(offset, places);
            run.Should().BeInRange(1, map.Length - offset);
            places.Should().NotBeEmpty().And.OnlyContain(place => place.Offset >= 0 && place.Offset + run <= place.Store.Length);
        }
    }

    private static void Damage(byte[] bytes, Random random)
    {
        // What is not zero is where the metadata is.
        var at = random.Next(bytes.Length);
        var next = bytes.AsSpan(at).IndexOfAnyExcept((byte)0);
        at = next < 0 ? Math.Max(0, bytes.AsSpan().IndexOfAnyExcept((byte)0)) : at + next + random.Next(64);
        if (random.Next(3) > 0 && bytes.AsSpan().LastIndexOf("extent_size"u8) is > 0 and var text)
        {
            at = text + random.Next(-400, 3000);
        }

        at = Math.Clamp(at, 0, bytes.Length - 256);
        switch (random.Next(6))
        {
            case 0:
                Extremes[random.Next(Extremes.Length)].CopyTo(bytes, at & ~3);
                break;
            case 1:
                System.Text.Encoding.ASCII.GetBytes(Words[random.Next(Words.Length)]).CopyTo(bytes, at);
                break;
            case 2:
                bytes.AsSpan(random.Next(bytes.Length - 256), 200).CopyTo(bytes.AsSpan(at));
                break;
            default:
                Fuzz.Damage(bytes, at, random);
                break;
        }
    }

    private static void Reseal(MetadataSample.Disk disk)
    {
        for (var at = 0; at + Sector <= disk.Head.Length; at += Sector)
        {
            var sector = disk.Head.AsSpan(at);
            if (sector[..8].SequenceEqual("LABELONE"u8))
            {
                BinaryPrimitives.WriteUInt32LittleEndian(sector[16..], LvmChecksum.Add(LvmChecksum.Initial, sector[20..Sector]));
            }
            else if (sector.Slice(4, 5).SequenceEqual(" LVM2"u8))
            {
                ResealArea(disk.Head, at);
            }

            ResealMd(sector);
        }

        for (var at = disk.Tail.Length % Sector; at + Sector <= disk.Tail.Length; at += Sector)
        {
            ResealMd(disk.Tail.AsSpan(at));
        }
    }

    private static void ResealArea(byte[] head, int at)
    {
        var header = head.AsSpan(at, Sector);
        var (offset, size, length) = (BinaryPrimitives.ReadUInt64LittleEndian(header[40..]), BinaryPrimitives.ReadUInt64LittleEndian(header[48..]), BinaryPrimitives.ReadUInt64LittleEndian(header[32..]));
        if (offset >= Sector && offset < length && size <= length - Sector && length <= (ulong)(head.Length - at))
        {
            var first = (int)Math.Min(size, length - offset);
            var sum = LvmChecksum.Add(LvmChecksum.Initial, head.AsSpan(at + (int)offset, first));
            sum = LvmChecksum.Add(sum, head.AsSpan(at + Sector, (int)size - first));
            BinaryPrimitives.WriteUInt32LittleEndian(header[56..], sum);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(header, LvmChecksum.Add(LvmChecksum.Initial, header[4..]));
    }

    private static void ResealMd(Span<byte> bytes)
    {
        if (bytes.Length < 4096 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != 0xA92B4EFC)
        {
            return;
        }

        if (bytes[4] == 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[152..], MdChecksum.Of(bytes[..4096], 152));
        }
        else if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[220..]) is <= 1920 and var roles)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[216..], MdChecksum.Of(bytes[..(256 + ((int)roles * 2))], 216));
        }
    }
}
