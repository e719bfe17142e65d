using System.Buffers.Binary;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Streams;
using Hyper2Kvm.Helpers.Input.Tests.Support;
using Hyper2Kvm.Nbd;
using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Helpers.Input.Tests.Streams;

public sealed class A_damaged_stream : IDisposable
{
    private const int GrainBytes = 65536;
    private const long Damaged = 3;

    private readonly ScratchDirectory _scratch = new();
    private readonly GrainCache _cache = new(1 << 20);

    public void Dispose()
    {
        _cache.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void Whose_data_does_not_inflate_fails_there() => Fails(record => Changed(record, 20, 0xff), "do not inflate");

    [Fact]
    public void Whose_checksum_is_wrong_fails_there() => Fails(record => Changed(record, record.Length - 1, (byte)~record[^1]), "do not inflate");

    [Fact]
    public void Whose_marker_belongs_to_another_grain_fails_there() => Fails(record => Changed(record, 1, 7), "belongs to sector");

    [Fact]
    public void Whose_grain_claims_more_than_twice_its_size_fails_there()
        => Fails(record => WithSize(record, (2 * GrainBytes) + 1), "131073 bytes");

    [Fact]
    public void Whose_grain_claims_nothing_fails_there() => Fails(record => WithSize(record, 0), "0 bytes");

    [Fact]
    public void Whose_grain_is_cut_fails_there() => Fails(record => WithSize(record, record.Length - 12 - 5), "do not inflate");

    [Fact]
    public void Whose_grain_holds_too_little_fails_there() => Fails(Holding(GrainBytes - 1), "65535 bytes, and 65536 are needed");

    [Fact]
    public void Whose_grain_holds_one_byte_too_many_fails_there() => Fails(Holding(GrainBytes + 1), "do not inflate");

    [Fact]
    public void Whose_grain_is_a_bomb_fails_there_and_takes_no_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Fails(Holding(8 << 20), "do not inflate");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(24 << 20, "the bomb itself is made here; nobody else holds what it inflates to");
    }

    [Fact]
    public void That_became_shorter_while_it_is_served_fails_behind_its_new_end()
    {
        var path = _scratch.In("disk.vmdk");
        var stream = Good();
        stream.Write(path);
        using var disk = StreamOptimizedDisk.TryOpen(path, _cache)!;
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write))
        {
            RandomAccess.SetLength(file, (stream.Places[Damaged] * 512L) + 100);
        }

        var read = () => disk.Read(Damaged * GrainBytes, new byte[GrainBytes]);
        read.Should().Throw<ServedDiskException>().WithMessage("*behind the end of the file*");
        disk.Read(0, new byte[GrainBytes]);
    }

    [Fact]
    public void Whatever_its_bytes_are_is_an_error_or_a_disk()
    {
        var path = _scratch.In("disk.vmdk");
        new VmwareStream { Capacity = 3000, GrainSize = 16, Grain = new RandomDisk(6, 3000, 16).Grain }.Write(path);
        var good = File.ReadAllBytes(path);
        var random = new Random(7);
        int opened = 0, refused = 0;
        for (var i = 0; i < 600; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var changes = random.Next(1, 12); changes > 0; changes--)
            {
                // Headers, tables and footer are a small part of it: half of the changes go there.
                var at = random.Next(4) switch { 0 => random.Next(80), 1 => bytes.Length - 1 - random.Next(4096), _ => random.Next(bytes.Length) };
                bytes[at] = random.Next(3) switch { 0 => 0, 1 => 0xff, _ => (byte)random.Next(256) };
            }

            File.WriteAllBytes(path, random.Next(10) == 0 ? bytes[..random.Next(1, bytes.Length)] : bytes);
            try
            {
                using var disk = StreamOptimizedDisk.TryOpen(path, _cache);
                if (disk is null)
                {
                    continue;
                }

                opened++;
                var data = new byte[4096 + random.Next(40_000)];
                for (var reads = 0; reads < 50; reads++)
                {
                    TryRead(disk, (ulong)random.NextInt64(Math.Max(1, Math.Min((long)disk.Size, 3000 * 512L) - data.Length)), data.AsSpan(0, (int)Math.Min((ulong)data.Length, disk.Size)));
                }

                disk.ExtentAt(0, Math.Min(disk.Size, 1 << 30)).Length.Should().BePositive();
            }
            catch (StepException)
            {
                refused++;
            }
        }

        opened.Should().BeGreaterThan(50);
        refused.Should().BeGreaterThan(50);
    }

    private static void TryRead(StreamOptimizedDisk disk, ulong offset, Span<byte> into)
    {
        try
        {
            disk.Read(offset, into);
        }
        catch (ServedDiskException failure) when (failure.Errno == NbdErrno.InputOutput)
        {
            // As it should.
        }
    }

    private static byte[] Changed(byte[] record, int at, byte value)
    {
        record[at] = value;
        return record;
    }

    private static byte[] WithSize(byte[] record, int size)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), size);
        return record;
    }

    private static Func<byte[], byte[]> Holding(int bytes) => record =>
    {
        var deflated = VmwareStream.Deflate(new byte[bytes]);
        return WithSize([.. record[..12], .. deflated], deflated.Length);
    };

    private static VmwareStream Good(Func<byte[], byte[]>? damage = null) => new()
    {
        Capacity = 128 * 8,
        Grain = grain => [.. Enumerable.Range(0, GrainBytes).Select(i => (byte)(i * (grain + 1) / 7))],
        Damage = (grain, record) => grain == Damaged && damage is not null ? damage(record) : record,
    };

    private void Fails(Func<byte[], byte[]> damage, string why)
    {
        var path = _scratch.In("disk.vmdk");
        var stream = Good(damage);
        stream.Write(path);
        using var disk = StreamOptimizedDisk.TryOpen(path, _cache)!;
        foreach (var read in new Action[]
        {
            () => disk.Read(Damaged * GrainBytes, new byte[4096]),
            () => disk.Read((Damaged - 1) * GrainBytes, new byte[3 * GrainBytes]),
        })
        {
            read.Should().Throw<ServedDiskException>().Where(failure => failure.Errno == NbdErrno.InputOutput)
                .WithMessage($"{path} is damaged: grain 3 (bytes 196608 to 262143 of the disk), at byte {stream.Places[Damaged] * 512} of the file: *{why}*");
        }

        disk.Read((Damaged - 1) * GrainBytes, new byte[GrainBytes]);
        disk.Read((Damaged + 1) * GrainBytes, new byte[2 * GrainBytes]);
    }
}
