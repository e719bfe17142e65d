namespace Hyper2Kvm.Nbd.Tests;

public sealed class A_real_server
{
    [Fact]
    public void Tells_size_flags_block_size_and_contexts()
    {
        using var server = new NbdkitServer("--filter=blocksize-policy", "memory", "1M", "blocksize-minimum=512", "blocksize-preferred=64K", "blocksize-maximum=1M");
        using var connection = server.Connect();
        connection.Size.Should().Be(1 << 20);
        connection.Export.StructuredReplies.Should().BeTrue();
        connection.Export.MetaContexts.Should().ContainKey("base:allocation");
        connection.Export.MultiConn.Should().BeTrue();
        connection.Export.ReadOnly.Should().BeFalse();
        connection.Export.BlockSize.Should().Be(new NbdBlockSize(512, 65536, 1 << 20));
        connection.MaxRequest.Should().Be(1 << 20);
    }

    [Fact]
    public void Gives_back_what_was_written()
    {
        using var server = new NbdkitServer("memory", "1000001");
        using var connection = server.Connect();
        var data = RandomBytes(70_001, 1);
        connection.Write(930_000, data);
        var back = new byte[70_001];
        connection.Read(930_000, back);
        back.Should().Equal(data);
        connection.Flush();
    }

    [Fact]
    public void Reads_pattern_data_longer_than_one_request()
    {
        using var server = new NbdkitServer("--filter=blocksize-policy", "pattern", "8M", "blocksize-maximum=1M", "blocksize-error-policy=error");
        using var connection = server.Connect();
        var data = new byte[(3 << 20) + 4096];
        connection.Read(1 << 20, data);
        for (var i = 0; i < data.Length; i += 8)
        {
            System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(data.AsSpan(i)).Should().Be((ulong)((1 << 20) + i));
        }
    }

    [Fact]
    public void Zeroes_and_trims_and_tells_the_extents()
    {
        using var server = new NbdkitServer("memory", "1M");
        using var connection = server.Connect();
        connection.Write(0, RandomBytes(1 << 20, 2));
        connection.Zero(256 << 10, 128 << 10);
        connection.Trim(512 << 10, 128 << 10);
        var extents = NbdExtentMap.Read(connection).Extents;
        extents.Select(e => (e.Offset >> 10, e.Length >> 10, e.IsZero)).Should().Equal(
            (0, 256, false), (256, 128, true), (384, 128, false), (512, 128, true), (640, 384, false));
        var zeroes = new byte[128 << 10];
        connection.Read(256 << 10, zeroes);
        zeroes.Should().OnlyContain(b => b == 0);
    }

    [Fact]
    public void Answers_without_structured_replies_too()
    {
        using var server = new NbdkitServer("memory", "1M");
        using var connection = server.Connect(new NbdConnectionOptions { StructuredReplies = false });
        connection.Export.StructuredReplies.Should().BeFalse();
        connection.Export.MetaContexts.Should().BeEmpty();
        connection.Write(5, [1, 2, 3]);
        var back = new byte[5];
        connection.Read(4, back);
        back.Should().Equal(0, 1, 2, 3, 0);
        var ask = () => connection.BlockStatus("base:allocation", 0, 1024);
        ask.Should().Throw<NotSupportedException>();
    }

    [Fact]
    public void That_speaks_oldstyle_is_refused()
    {
        using var server = new NbdkitServer("-o", "memory", "1M");
        var connect = () => server.Connect();
        connect.Should().Throw<NbdProtocolException>().WithMessage("*oldstyle*");
    }

    [Fact]
    public void Lists_its_exports()
    {
        using var server = new NbdkitServer("eval", "list_exports=echo NAMES; echo one; echo two", "open=echo h", "get_size=echo 512", "pread=head -c $3 /dev/zero");
        NbdConnection.ListExports(NbdEndpoint.Unix(server.Socket)).Select(e => e.Name).Should().Equal("one", "two");
    }

    [Fact]
    public void Refuses_an_export_that_it_does_not_have()
    {
        using var server = new NbdkitServer("--filter=exportname", "memory", "1M", "exportname-strict=true", "exportname=disk");
        var connect = () => NbdConnection.Connect(NbdEndpoint.Unix(server.Socket, "other"));
        connect.Should().Throw<NbdServerException>().WithMessage("*'other'*");
        using var connection = NbdConnection.Connect(NbdEndpoint.Unix(server.Socket, "disk"));
        connection.Size.Should().Be(1 << 20);
    }

    [Theory]
    [InlineData("EIO", NbdErrno.InputOutput)]
    [InlineData("ENOSPC", NbdErrno.NoSpace)]
    [InlineData("EPERM", NbdErrno.NotPermitted)]
    public void Fails_a_read_with_its_errno_and_stays_usable(string name, int errno)
    {
        using var server = new NbdkitServer("--filter=error", "memory", "1M", $"error={name}", "error-pread-rate=100%");
        using var connection = server.Connect();
        var read = () => connection.Read(0, new byte[512]);
        read.Should().Throw<NbdServerException>().Where(e => e.Errno == errno).WithMessage($"*offset 0*{name}*");
        connection.IsBroken.Should().BeFalse();
        connection.Write(0, new byte[512]);
    }

    [Fact]
    public void That_is_silent_ends_in_a_timeout()
    {
        using var server = new NbdkitServer("--filter=delay", "memory", "1M", "rdelay=30");
        using var connection = server.Connect(new NbdConnectionOptions { Timeout = TimeSpan.FromMilliseconds(100) });
        var read = () => connection.Read(0, new byte[512]);
        read.Should().Throw<NbdTimeoutException>().WithMessage("*0.1 s*");
        connection.IsBroken.Should().BeTrue();
        read.Should().Throw<NbdConnectionException>();
    }

    [Fact]
    public void That_dies_ends_in_a_clear_error()
    {
        using var server = new NbdkitServer("memory", "1M");
        using var connection = server.Connect();
        server.Kill();
        var read = () => connection.Read(0, new byte[512]);
        read.Should().Throw<NbdConnectionException>();
    }

    [Fact]
    public void That_is_not_there_is_named()
    {
        var connect = () => NbdConnection.Connect(NbdEndpoint.Unix("/nonexistent/socket"));
        connect.Should().Throw<NbdConnectionException>().WithMessage("*/nonexistent/socket*cannot connect*");
    }

    [Fact]
    public void Answers_many_requests_in_flight_with_the_right_data()
    {
        using var server = new NbdkitServer("--filter=noparallel", "pattern", "64M");
        using var connection = server.Connect();
        using var pool = new CountingBuffers(64 << 10);
        for (var i = 0UL; i < 32; i++) connection.SubmitRead(i * (64 << 10), 64 << 10, pool);
        while (connection.InFlight > 0)
        {
            var completion = connection.WaitAny();
            completion.Error.Should().BeNull();
            System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(completion.Buffer!.Span).Should().Be(completion.Offset);
            pool.Return(completion.Buffer);
        }

        pool.Made.Should().Be(1, "a buffer is taken only when its data comes");
    }

    [Fact]
    public void Mixes_waiting_commands_with_requests_in_flight()
    {
        using var server = new NbdkitServer("pattern", "64M");
        using var connection = server.Connect();
        using var pool = new CountingBuffers(4096);
        connection.SubmitRead(4096, 4096, pool);
        connection.BlockStatus("base:allocation", 0, 64 << 20).Should().NotBeEmpty();
        connection.SubmitRead(8192, 4096, pool);
        new[] { connection.WaitAny().Offset, connection.WaitAny().Offset }.Should().BeEquivalentTo(new[] { 4096UL, 8192UL });
        connection.InFlight.Should().Be(0);
    }

    [Fact]
    public void Is_left_at_once_when_another_thread_shuts_the_connection_down()
    {
        using var server = new NbdkitServer("--filter=delay", "memory", "1M", "rdelay=30");
        using var connection = server.Connect();
        Exception? seen = null;
        var reader = new Thread(() => seen = Record.Exception(() => connection.Read(0, new byte[512])));
        reader.Start();
        connection.Shutdown();
        reader.Join(TimeSpan.FromSeconds(10)).Should().BeTrue();
        seen.Should().BeOfType<NbdConnectionException>();
    }

    [Fact]
    public void Shows_a_stream_that_seeks()
    {
        using var server = new NbdkitServer("pattern", "1000000");
        using var stream = new NbdStream(server.Connect());
        stream.Length.Should().Be(1_000_000);
        var whole = new byte[1_000_000];
        stream.ReadExactly(whole);
        stream.ReadByte().Should().Be(-1);
        var random = new Random(3);
        for (var i = 0; i < 200; i++)
        {
            var offset = random.Next(whole.Length);
            var part = new byte[random.Next(1, Math.Min(150_000, whole.Length - offset + 1))];
            stream.Position = offset;
            stream.ReadExactly(part);
            part.Should().Equal(whole[offset..(offset + part.Length)]);
        }
    }

    internal static byte[] RandomBytes(int length, int seed)
    {
        var data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }
}
