namespace Hyper2Kvm.Nbd.Tests;

public sealed class Endpoints_and_extents
{
    [Theory]
    [InlineData("nbd+unix:///?socket=/tmp/s", "/tmp/s", "")]
    [InlineData("nbd+unix:///my%20disk?socket=/tmp/s", "/tmp/s", "my disk")]
    [InlineData("nbd+unix:////foo?socket=/tmp/s", "/tmp/s", "/foo")]
    [InlineData("nbd+unix:///a/b/?socket=/tmp/s", "/tmp/s", "a/b/")]
    [InlineData("/run/x/in0", "/run/x/in0", "")]
    [InlineData("./a://b", "./a://b", "")]
    public void A_unix_endpoint_is_read(string text, string socket, string name)
    {
        var endpoint = NbdEndpoint.Parse(text);
        endpoint.SocketPath.Should().Be(socket);
        endpoint.ExportName.Should().Be(name);
        if (NbdEndpoint.IsUri(text)) NbdEndpoint.Parse($"{endpoint}").Should().Be(endpoint);
    }

    [Fact]
    public void A_TCP_endpoint_is_read()
    {
        var endpoint = NbdEndpoint.Parse("nbd://host.example:1234/name");
        (endpoint.Host, endpoint.Port, endpoint.ExportName).Should().Be(("host.example", 1234, "name"));
        NbdEndpoint.Parse("nbd://host.example").Port.Should().Be(10809);
    }

    [Theory]
    [InlineData("nbds://host/", "TLS is not supported")]
    [InlineData("nbds+unix:///?socket=/tmp/s", "TLS is not supported")]
    [InlineData("nbd+unix:///name", "no ?socket=PATH")]
    [InlineData("http://host/", "scheme")]
    public void What_is_no_endpoint_is_refused(string text, string because)
    {
        NbdEndpoint.IsUri(text).Should().BeTrue();
        var parse = () => NbdEndpoint.Parse(text);
        parse.Should().Throw<FormatException>().Which.Message.Should().Contain(text).And.Contain(because);
    }

    [Fact]
    public void The_extent_reader_asks_seldom_and_keeps_the_answer()
    {
        var log = Path.GetTempFileName();
        try
        {
            using var server = new NbdkitServer("--filter=log", "memory", "4G", $"logfile={log}");
            using var connection = server.Connect();
            for (var i = 0UL; i < 100; i++) connection.Write(i << 20, [1]);
            var reader = new NbdExtentReader(connection.Size);
            var position = 0UL;
            var extents = 0;
            while (reader.Next(connection, 1 << 20) is { } extent)
            {
                extent.Offset.Should().Be(position);
                extent.Length.Should().BeInRange(1, 1 << 20);
                position = extent.End;
                extents++;
            }

            position.Should().Be(connection.Size);
            extents.Should().BeGreaterThanOrEqualTo(4096);
            File.ReadLines(log).Count(l => l.Contains("Extents") && !l.Contains("...Extents")).Should().BeLessThanOrEqualTo(4);
        }
        finally
        {
            File.Delete(log);
        }
    }

    [Fact]
    public void The_extent_map_finds_the_extent_of_a_byte()
    {
        using var server = new NbdkitServer("memory", "1G");
        using var connection = server.Connect();
        connection.Write(512 << 20, new byte[] { 1 });
        var map = NbdExtentMap.Read(connection);
        map.At(0).IsZero.Should().BeTrue();
        map.At(512 << 20).IsZero.Should().BeFalse();
        map.At((1 << 30) - 1).IsZero.Should().BeTrue();
        var behind = () => map.At(1 << 30);
        behind.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Coverage_knows_overlaps_and_gaps()
    {
        var coverage = new Coverage();
        coverage.Add(10, 20).Should().BeTrue();
        coverage.Add(30, 40).Should().BeTrue();
        coverage.Add(20, 30).Should().BeTrue();
        coverage.Add(15, 16).Should().BeFalse();
        coverage.Add(0, 11).Should().BeFalse();
        coverage.Add(39, 50).Should().BeFalse();
        coverage.Covers(40).Should().BeFalse();
        coverage.Add(0, 10).Should().BeTrue();
        coverage.Covers(40).Should().BeTrue();
    }
}
