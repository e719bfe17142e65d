using System.Security.Cryptography;
using Hyper2Kvm.Copy.Verify;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>Copies that are read back.</summary>
public sealed class A_verified_copy : IDisposable
{
    private readonly Workspace _work = new();

    public void Dispose() => _work.Dispose();

    public static TheoryData<int> Sizes => new(0, 1, 511, 4096, 65536, 65537, (1 << 20) + 4095, 64 << 20, (64 << 20) + 1, (130 << 20) + 513);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Has_the_digest_that_the_documents_describe(int size)
    {
        var source = _work.RandomImage("source", size, new Random(size), 30, 1 << 20);
        using var input = new NbdkitServer("--filter=cow", "file", source);
        foreach (var settings in new[]
        {
            new CopySettings(),
            new CopySettings { RequestSize = 4096 },
            new CopySettings { Connections = 4, Depth = 7, RequestSize = 1 << 20 },
            new CopySettings { Allocated = true },
            new CopySettings { Direct = false },
            new CopySettings { Qcow2 = new Qcow2Options() },
            new CopySettings { Qcow2 = new Qcow2Options { Compressed = true, ClusterBytes = 4096 } },
        })
        {
            if (size % 512 != 0 && settings.Qcow2 is not null) continue; // Its disk is longer then.
            Verify(Workspace.At(input), CopyEndpoint.File(_work.Path("target")), settings).Should().Be(DigestOf(source), $"{size}, {settings}");
        }
    }

    [Fact]
    public void Of_an_odd_size_to_qcow2_is_compared_as_far_as_it_goes()
    {
        var source = _work.RandomImage("source", 1_000_001, new Random(1), 30, 1 << 20);
        Verify(CopyEndpoint.File(source), CopyEndpoint.File(_work.Path("target")), new CopySettings { Qcow2 = new Qcow2Options() }).Should().Be(DigestOf(source));
    }

    [Fact]
    public void Behind_a_server_that_is_larger_is_compared_as_far_as_it_goes()
    {
        var source = _work.RandomImage("source", 10_000_001, new Random(1), 30, 1 << 20);
        using var output = new NbdkitServer("file", _work.RandomImage("target", 20_000_000, new Random(2), 30, 1 << 20));
        Verify(CopyEndpoint.File(source), Workspace.At(output), new CopySettings()).Should().Be(DigestOf(source));
    }

    [Fact]
    public void Tells_where_the_target_is_another()
    {
        const int Length = 130 << 20;
        var source = _work.RandomImage("source", Length, new Random(1), 200, 1 << 20);
        var target = _work.EmptyImage("target", Length);

        // The server loses what is written to the second 64 MiB: a disk that lies.
        using var output = new NbdkitServer(
            "eval",
            $"get_size=echo {Length}",
            "can_write=exit 0",
            $"pread=dd if={target} bs=1M skip=$4 count=$3 iflag=skip_bytes,count_bytes status=none",
            $"pwrite=if [ $4 -ge {64 << 20} ] && [ $4 -lt {128 << 20} ]; then cat >/dev/null; else dd of={target} bs=1M seek=$4 oflag=seek_bytes iflag=fullblock conv=notrunc status=none; fi");
        var copy = () => Verify(CopyEndpoint.File(source), Workspace.At(output), new CopySettings { RequestSize = 4 << 20, DestinationIsZero = true });
        var failure = copy.Should().Throw<CopyException>().Which;
        failure.Kind.Should().Be(CopyErrorKind.Verify);
        failure.Side.Should().Be(CopySide.Target);
        failure.Offset.Should().Be(64 << 20);
        failure.Message.Should().Contain("vda").And.Contain($"the {64 << 20} bytes from here do not read back");
        failure.Hint.Should().Contain("storage");
    }

    [Fact]
    public void Tells_that_the_target_cannot_be_read_back()
    {
        var source = _work.RandomImage("source", 8 << 20, new Random(1), 300, 1 << 20);
        using var output = new NbdkitServer("--filter=error", "file", _work.EmptyImage("target", 8 << 20), "error-pread=EIO", "error-pread-rate=100%");
        var copy = () => Verify(CopyEndpoint.File(source), Workspace.At(output), new CopySettings());
        var failure = copy.Should().Throw<CopyException>().Which;
        failure.Kind.Should().Be(CopyErrorKind.Verify);
        failure.Message.Should().Contain("cannot be read back");
    }

    [Fact]
    public void Tells_of_the_reading_back()
    {
        var source = _work.RandomImage("source", 8 << 20, new Random(1), 300, 1 << 20);
        var observer = A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(_work.Path("target")), new CopySettings { Verify = true });
        observer.ReadBackSteps.Last().Done.Should().Be(8 << 20);
    }

    [Fact]
    public void Of_a_disk_of_zeroes_costs_no_reading()
    {
        var source = _work.EmptyImage("source", 1L << 40);
        var observer = A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(_work.Path("target")), new CopySettings { Verify = true });
        observer.Results.Single().Result.Read.Should().Be(0);
        observer.Digests.Should().ContainSingle();
    }

    [Fact]
    public void Digest_does_not_depend_on_order_or_repetition()
    {
        const int Leaf = DiskDigest.LeafBytes;
        var random = new Random(5);
        var data = new byte[(70 << 20) + 77];
        for (var i = 0; i < 20; i++) random.NextBytes(data.AsSpan(random.Next(data.Length - 100_000), 100_000));
        var leaves = Enumerable.Range(0, (data.Length + Leaf - 1) / Leaf).ToArray();
        random.Shuffle(leaves);
        var digest = new DiskDigest((ulong)data.Length);
        foreach (var leaf in leaves.Concat(leaves.Take(100)))
        {
            var piece = data.AsSpan(leaf * Leaf, Math.Min(Leaf, data.Length - (leaf * Leaf)));
            if (piece.IndexOfAnyExcept((byte)0) < 0 && random.Next(2) == 0) digest.AddZeroes((ulong)(leaf * Leaf), (ulong)piece.Length);
            else digest.Add((ulong)(leaf * Leaf), piece);
            if (piece.Length > 1000) digest.Add((ulong)(leaf * Leaf) + 512, piece.Slice(512, 100)); // A part that is written again.
        }

        File.WriteAllBytes(_work.Path("data"), data);
        digest.Text().Should().Be(DigestOf(_work.Path("data")));
    }

    [Fact]
    public void Digest_of_a_part_is_none()
    {
        var digest = new DiskDigest(1 << 20);
        digest.Add(0, new byte[65536]);
        var text = digest.Text;
        text.Should().Throw<InvalidOperationException>();
    }

    /// <summary>The definition, done by the book: one byte after another.</summary>
    internal static string DigestOf(string path)
    {
        using var file = File.OpenRead(path);
        using var root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (file.Position < file.Length)
        {
            using var chunk = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var leaf = new byte[65536];
            for (var i = 0; i < 1024 && file.Position < file.Length; i++) chunk.AppendData(SHA256.HashData(leaf.AsSpan(0, file.ReadAtLeast(leaf, leaf.Length, throwOnEndOfStream: false))));
            root.AppendData(chunk.GetHashAndReset());
        }

        return $"tree-sha256:{Convert.ToHexStringLower(root.GetHashAndReset())}";
    }

    private string Verify(CopyEndpoint source, CopyEndpoint target, CopySettings settings)
    {
        var observer = A_copy.Copy(source, target, settings with { Verify = true });
        return observer.Digests.Single().Digest;
    }
}
