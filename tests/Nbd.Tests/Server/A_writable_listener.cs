using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Nbd.Tests.Server;

public sealed class A_writable_listener : IDisposable
{
    private const int Length = (4 << 20) + 5;

    private readonly string _directory = Directory.CreateTempSubdirectory("nbd-writable-").FullName;
    private readonly ArrayDisk _disk = new();
    private readonly NbdListener _listener;

    public A_writable_listener() => _listener = NbdListener.Start(Socket, _disk, new NbdListenerOptions { PieceLength = 64 << 10 });

    private string Socket => Path.Combine(_directory, "s");

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Offers_all_that_changes_a_disk()
    {
        using var connection = Connect();
        connection.Export.Flags.Should().Be(NbdTransmissionFlags.HasFlags | NbdTransmissionFlags.Flush | NbdTransmissionFlags.Fua | NbdTransmissionFlags.Trim
            | NbdTransmissionFlags.WriteZeroes | NbdTransmissionFlags.MultiConn);
    }

    [Fact]
    public void Takes_writes_of_any_place_and_length_over_two_connections()
    {
        using var first = Connect();
        using var second = Connect();
        var expected = new byte[Length];
        var random = new Random(3);
        for (var i = 0; i < 200; i++)
        {
            // Lengths below, at and above that of a piece, which are received in different ways.
            var length = i % 20 == 0 ? 64 << 10 : random.Next(1, 1 << random.Next(1, 20));
            var offset = random.Next(Length - length + 1);
            var connection = i % 2 == 0 ? first : second;
            if (i % 7 == 0)
            {
                connection.Zero((ulong)offset, (uint)length);
                expected.AsSpan(offset, length).Clear();
                continue;
            }

            var data = new byte[length];
            random.NextBytes(data);
            connection.Write((ulong)offset, data);
            data.CopyTo(expected, offset);
            var read = new byte[length];
            (i % 2 == 0 ? second : first).Read((ulong)offset, read);
            read.Should().Equal(data);
        }

        _disk.Content.AsSpan().SequenceEqual(expected).Should().BeTrue();
    }

    [Fact]
    public void Flushes_when_asked_and_tells_of_what_cannot_be_written()
    {
        using var connection = Connect();
        connection.Flush();
        _disk.Flushes.Should().Be(1);
        connection.Trim(4096, 8192);
        _disk.Trimmed.Should().Be((4096UL, 8192UL));

        _disk.IsBroken = true;
        connection.Invoking(broken => broken.Write(0, new byte[512])).Should().Throw<NbdServerException>().Where(failure => failure.Errno == NbdErrno.InputOutput);
        connection.Invoking(broken => broken.Flush()).Should().Throw<NbdServerException>();
        _disk.IsBroken = false;
        connection.Write(0, [1, 2, 3]);
        _disk.Content[..3].Should().Equal(1, 2, 3);
    }

    [Fact]
    public void Is_filled_by_nbdcopy()
    {
        var source = Path.Combine(_directory, "source");
        var random = new byte[Length];
        new Random(5).NextBytes(random);
        File.WriteAllBytes(source, random);

        var (exitCode, output) = ListenerFixture.Run("nbdcopy", "--flush", source, $"nbd+unix:///?socket={Socket}");

        exitCode.Should().Be(0, output);
        _disk.Content.AsSpan().SequenceEqual(random).Should().BeTrue();
        _disk.Flushes.Should().BePositive();
    }

    private NbdConnection Connect() => NbdConnection.Connect(NbdEndpoint.Unix(Socket));

    private sealed class ArrayDisk : IWritableServedDisk
    {
        public byte[] Content { get; } = new byte[Length];

        public int Flushes { get; private set; }

        public (ulong Offset, ulong Length) Trimmed { get; private set; }

        public bool IsBroken { get; set; }

        public ulong Size => Length;

        public uint PreferredBlock => 4096;

        public void Read(ulong offset, Span<byte> into) => Content.AsSpan((int)offset, into.Length).CopyTo(into);

        public NbdExtent ExtentAt(ulong offset, ulong end) => new(offset, end - offset, 0);

        public void Write(ulong offset, ReadOnlySpan<byte> data)
        {
            Check();
            data.CopyTo(Content.AsSpan((int)offset));
        }

        public void Zero(ulong offset, ulong length) => Content.AsSpan((int)offset, (int)length).Clear();

        public void Trim(ulong offset, ulong length) => Trimmed = (offset, length);

        public void Flush()
        {
            Check();
            Flushes++;
        }

        private void Check()
        {
            if (IsBroken) throw new ServedDiskException(NbdErrno.InputOutput, "broken");
        }
    }
}
