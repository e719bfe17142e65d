using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Nbd.Tests.Server;

public sealed class A_listener
{
    [Fact]
    public void Tells_size_flags_block_sizes_and_its_context()
    {
        using var server = new ListenerFixture();
        using var connection = server.Connect();
        connection.Size.Should().Be(PatternDisk.Length);
        connection.Export.Flags.Should().Be(NbdTransmissionFlags.HasFlags | NbdTransmissionFlags.ReadOnly | NbdTransmissionFlags.MultiConn);
        connection.Export.BlockSize.Should().Be(new NbdBlockSize(1, 64 << 10, 32 << 20));
        connection.Export.StructuredReplies.Should().BeTrue();
        connection.Export.MetaContexts.Keys.Should().Equal("base:allocation");
    }

    [Theory]
    [InlineData(true, 256 << 10)]
    [InlineData(true, 4096)]
    [InlineData(false, 256 << 10)]
    [InlineData(false, 4096)]
    public void Gives_what_is_there_wherever_a_read_begins_and_ends(bool structured, int piece)
    {
        using var server = new ListenerFixture(new NbdListenerOptions { PieceLength = piece });
        using var connection = server.Connect(new NbdConnectionOptions { StructuredReplies = structured });
        var random = new Random(1);
        for (var i = 0; i < 100; i++)
        {
            var length = random.Next(1, 1 << random.Next(1, 21));
            var offset = (int)PatternDisk.BadEnd + random.Next(PatternDisk.Length - (int)PatternDisk.BadEnd - length + 1);
            var data = new byte[length];
            connection.Read((ulong)offset, data);
            data.AsSpan().SequenceEqual(PatternDisk.Content.AsSpan(offset, length)).Should().BeTrue($"{length} bytes at {offset}");
        }
    }

    [Fact]
    public void Joins_extents_of_one_kind_and_ends_with_the_disk()
    {
        using var server = new ListenerFixture();
        using var connection = server.Connect();
        connection.BlockStatus("base:allocation", 0, PatternDisk.Length).Should().Equal(
            new NbdExtent(0, PatternDisk.Hole, 0),
            new NbdExtent(PatternDisk.Hole, PatternDisk.HoleEnd - PatternDisk.Hole, 3),
            new NbdExtent(PatternDisk.HoleEnd, PatternDisk.Length - PatternDisk.HoleEnd, 0));
        connection.BlockStatus("base:allocation", PatternDisk.Hole + 5, 7).Should().Equal(new NbdExtent(PatternDisk.Hole + 5, 7, 3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fails_only_the_reads_that_touch_the_damage_and_logs_them(bool structured)
    {
        using var server = new ListenerFixture();
        using var connection = server.Connect(new NbdConnectionOptions { StructuredReplies = structured });
        var read = () => connection.Read(PatternDisk.Bad - (1 << 20), new byte[2 << 20]);
        read.Should().Throw<NbdServerException>().Where(e => e.Errno == NbdErrno.InputOutput);
        connection.Read(PatternDisk.BadEnd, new byte[512]);
        connection.Read(PatternDisk.Bad - 512, new byte[512]);
        server.Log.Should().ContainSingle().Which.Should().Contain("sector 6144 is bad");
    }

    [Fact]
    public void Lists_its_one_export_and_refuses_others()
    {
        using var server = new ListenerFixture();
        NbdConnection.ListExports(NbdEndpoint.Unix(server.Path)).Select(export => export.Name).Should().Equal(string.Empty);
        var other = () => NbdConnection.Connect(NbdEndpoint.Unix(server.Path, "other"));
        other.Should().Throw<NbdServerException>().WithMessage("*'other'*");
    }

    [Fact]
    public void Answers_a_connection_with_many_requests_in_flight()
    {
        using var server = new ListenerFixture(new NbdListenerOptions { ThreadsPerConnection = 4 });
        using var connection = server.Connect();
        using var pool = new CountingBuffers(64 << 10);
        for (var i = 64UL; i < 128; i++) connection.SubmitRead(i * (64 << 10), 64 << 10, pool);
        while (connection.InFlight > 0)
        {
            var completion = connection.WaitAny();
            completion.Error.Should().BeNull();
            completion.Buffer!.Span[..(64 << 10)].SequenceEqual(PatternDisk.Content.AsSpan((int)completion.Offset, 64 << 10)).Should().BeTrue();
            pool.Return(completion.Buffer);
        }
    }

    [Fact]
    public void Works_on_several_requests_of_one_connection_at_a_time()
    {
        // Each read waits for the other: with one thread there would be no answer.
        using var both = new Barrier(2);
        using var server = new ListenerFixture(new NbdListenerOptions { ThreadsPerConnection = 2 }, new PatternDisk { OnRead = () => both.SignalAndWait(TimeSpan.FromSeconds(20)).Should().BeTrue() });
        using var connection = server.Connect();
        using var pool = new CountingBuffers(4096);
        connection.SubmitRead(0, 4096, pool);
        connection.SubmitRead(4096, 4096, pool);
        connection.WaitAny().Error.Should().BeNull();
        connection.WaitAny().Error.Should().BeNull();
    }

    [Fact]
    public void Serves_eight_connections_at_once()
    {
        using var server = new ListenerFixture();
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using var connection = server.Connect();
            var data = new byte[4 << 20];
            connection.Read((4 << 20) - (ulong)i, data);
            data.AsSpan().SequenceEqual(PatternDisk.Content.AsSpan((4 << 20) - i, data.Length)).Should().BeTrue();
        });
    }

    [Fact]
    public void Is_understood_by_nbdinfo_nbdcopy_and_qemu()
    {
        using var server = new ListenerFixture(disk: new PatternDisk());
        ListenerFixture.Run("nbdinfo", "--list", server.Uri).Output.Should().Contain("is_read_only: true").And.Contain("base:allocation").And.Contain("block_size_preferred: 65536");
        ListenerFixture.Run("nbdinfo", "--map", server.Uri).Output.Should().MatchRegex(@"1048576\s+1048576\s+3\s+hole,zero");
        ListenerFixture.Run("qemu-io", "-r", "-f", "raw", "-c", "read -P 0 1M 1M", server.Uri).Output.Should().NotContain("failed").And.Contain("read 1048576/1048576");
        ListenerFixture.Run("nbdcopy", server.Uri, "null:").ExitCode.Should().NotBe(0, "the bad sector is an error, and neither a hang nor zeroes");
    }

    [Fact]
    public void Ends_while_clients_are_served_and_takes_its_socket_away()
    {
        using var inside = new CountdownEvent(1);
        using var server = new ListenerFixture(disk: new PatternDisk { OnRead = () => inside.Signal() });
        using var idle = server.Connect();
        using var busy = server.Connect();
        using var pool = new CountingBuffers(4096);
        busy.SubmitRead(0, 4096, pool);
        inside.Wait(TimeSpan.FromSeconds(20)).Should().BeTrue();
        server.Listener.Dispose();
        File.Exists(server.Path).Should().BeFalse();
        var read = () => idle.Read(0, new byte[512]);
        read.Should().Throw<NbdConnectionException>();
    }

    [Fact]
    public void Says_why_it_cannot_listen()
    {
        var start = () => NbdListener.Start("/nonexistent/socket", new PatternDisk());
        start.Should().Throw<NbdConnectionException>().WithMessage("/nonexistent/socket*cannot listen*");
    }

    [Fact]
    public void Outlives_a_disk_that_throws_what_it_should_not()
    {
        var first = 1;
        using var server = new ListenerFixture(disk: new PatternDisk { OnRead = () => _ = Interlocked.Exchange(ref first, 0) == 1 ? throw new InvalidOperationException("a defect") : 0 });
        using var connection = server.Connect();
        var read = () => connection.Read(0, new byte[512]);
        read.Should().Throw<NbdConnectionException>();
        using var second = server.Connect();
        second.Read(0, new byte[512]);
        server.Log.Should().ContainSingle().Which.Should().Contain("a defect");
    }
}
