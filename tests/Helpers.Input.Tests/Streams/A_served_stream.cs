using System.Security.Cryptography;
using Hyper2Kvm.Helpers.Input.Tests.Support;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Helpers.Input.Tests.Streams;

/// <summary>The program itself: our reader under nbdkit with the overlay, on <c>in0</c>.</summary>
public sealed class A_served_stream : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly string _disk;

    public A_served_stream()
    {
        _disk = _scratch.In("disk.vmdk");
        new VmwareStream { Capacity = 90_001, Grain = new RandomDisk(31, 90_001, 128).Grain }.Write(_disk);
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("own", false)]
    [InlineData("qemu", true)]
    public void Is_the_disk_that_qemu_reads_whoever_inflates_it(string reader, bool byQemu)
    {
        using var input = new InputProgram(_scratch.In("w"), _disk, "-io", $"reader={reader}");
        input.Children().Should().HaveCount(byQemu ? 2 : 1).And.Contain("nbdkit");
        ScratchDirectory.Run("qemu-img", "compare", "-f", "vmdk", "-F", "raw", _disk, input.Uri);
        ScratchDirectory.Run("nbdcopy", input.Uri, _scratch.In("copied"));
        File.ReadAllBytes(_scratch.In("copied")).AsSpan().SequenceEqual(_scratch.ReadByQemu(_disk)).Should().BeTrue();
    }

    [Fact]
    public void Is_written_in_the_overlay_and_never_itself()
    {
        var before = SHA256.HashData(File.ReadAllBytes(_disk));
        using (var input = new InputProgram(_scratch.In("w"), _disk))
        {
            ScratchDirectory.Run("qemu-io", "-f", "raw", "-c", "write -P 7 100k 300k", "-c", "read -P 7 100k 300k", input.Uri);
        }

        SHA256.HashData(File.ReadAllBytes(_disk)).Should().Equal(before);
        Directory.EnumerateFiles(_scratch.In("w")).Select(Path.GetFileName).Should().NotContain(["src0", "in0", "input-vmdk.pid"]);
    }

    [Fact]
    public void Is_read_by_eight_connections_at_once_in_little_memory()
    {
        var expected = _scratch.ReadByQemu(_disk);
        using var input = new InputProgram(_scratch.In("w"), _disk);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using var connection = NbdConnection.Connect(NbdEndpoint.Unix(input.Socket));
            var data = new byte[expected.Length];
            connection.Read(0, data);
            data.AsSpan().SequenceEqual(expected).Should().BeTrue();
        });
        input.PeakMebibytes().Should().BeLessThan(96);
    }

    [Fact]
    public void Leaves_no_process_when_it_is_killed()
    {
        using var input = new InputProgram(_scratch.In("w"), _disk);
        var servers = input.ChildIds();
        servers.Should().NotBeEmpty();
        using (var connection = NbdConnection.Connect(NbdEndpoint.Unix(input.Socket)))
        {
            connection.Read(0, new byte[4096]);
            input.Kill();
        }

        // nbdkit stays for as long as it has a client.
        foreach (var id in servers)
        {
            InputProgram.WaitForEnd(id);
        }

        // And the next one in the same directory is not held up by what is left of the sockets.
        using var again = new InputProgram(_scratch.In("w"), _disk);
        ScratchDirectory.Run("qemu-img", "compare", "-f", "vmdk", "-F", "raw", _disk, again.Uri);
    }

    [Fact]
    public void That_is_damaged_gives_errors_there_and_says_where_in_the_log()
    {
        var stream = new VmwareStream { Capacity = 1280, Grain = grain => [.. Enumerable.Repeat((byte)(grain + 1), 65536)], Damage = (grain, record) => grain == 4 ? [.. record[..20], .. new byte[record.Length - 20]] : record };
        stream.Write(_disk);
        using var input = new InputProgram(_scratch.In("w"), _disk);

        // One request at a time: nbdkit 1.32 aborts when a client leaves with requests in flight, as a copy that failed does.
        ScratchDirectory.Try("qemu-io", "-r", "-f", "raw", "-c", "read 256k 64k", input.Uri).ExitCode.Should().NotBe(0);
        ScratchDirectory.Run("qemu-io", "-r", "-f", "raw", "-c", "read -P 4 192k 64k", "-c", "read -P 6 320k 64k", input.Uri).Should().NotContain("failed");
        File.ReadAllText(_scratch.In("w/logs/input-vmdk.log")).Should().Contain($"{_disk} is damaged: grain 4").And.Contain($"at byte {stream.Places[4] * 512} of the file");
    }

    [Theory]
    [InlineData("-io", "reader=fast")]
    [InlineData("-io", "raeder=own")]
    [InlineData("-io", "reader")]
    public void Is_refused_with_an_option_that_does_not_exist(string name, string value)
        => ScratchDirectory.Try(InputProgram.Path, "--print-source", name, value, _disk).ExitCode.Should().Be(2);
}
