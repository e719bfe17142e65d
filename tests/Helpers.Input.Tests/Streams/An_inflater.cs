using Hyper2Kvm.Helpers.Input.Streams;
using Hyper2Kvm.Helpers.Input.Tests.Support;

namespace Hyper2Kvm.Helpers.Input.Tests.Streams;

/// <summary>Both of them, whichever this host uses: they have to agree.</summary>
public sealed class An_inflater
{
    private const int Length = 65536;

    private static readonly byte[] Data = [.. Enumerable.Range(0, Length).Select(i => (byte)(i * i / 77))];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gives_back_what_was_deflated_and_says_how_much(bool libdeflate)
    {
        using var inflater = Make(libdeflate);
        byte[] packed = [9, 9, 9, .. VmwareStream.Deflate(Data)];
        var output = new byte[Length];
        for (var i = 0; i < 3; i++)
        {
            inflater.Inflate(packed, 3, packed.Length - 3, output).Should().Be(Length);
            output.Should().Equal(Data);
        }

        inflater.Inflate(VmwareStream.Deflate(Data.AsSpan(0, 5)), 0, VmwareStream.Deflate(Data.AsSpan(0, 5)).Length, output).Should().Be(5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Refuses_what_is_cut_anywhere_changed_or_too_long(bool libdeflate)
    {
        using var inflater = Make(libdeflate);
        var packed = VmwareStream.Deflate(Data);
        var output = new byte[Length];

        // The runtime's zlib does not miss a checksum that is not there; the data is whole then.
        foreach (var length in new[] { 0, 1, 2, 3, packed.Length / 2, packed.Length - (inflater is LibdeflateInflater ? 1 : 8) })
        {
            inflater.Inflate(packed, 0, length, output).Should().BeLessThan(Length, $"{length} of {packed.Length} bytes");
        }

        inflater.Inflate(packed, 0, packed.Length, new byte[Length - 1]).Should().Be(-1);
        packed[^1] ^= 1;
        inflater.Inflate(packed, 0, packed.Length, output).Should().Be(-1);
        inflater.Inflate(packed, 0, packed.Length, output).Should().Be(-1);
        packed[^1] ^= 1;
        inflater.Inflate(packed, 0, packed.Length, output).Should().Be(Length, "a failure leaves nothing behind");
    }

    private static IInflater Make(bool libdeflate) => libdeflate && LibdeflateInflater.TryCreate() is { } made ? made : new ZlibInflater();
}
