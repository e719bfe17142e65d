using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Luks;

namespace Hyper2Kvm.Guest.Tests.Volumes.Luks;

public sealed class SectorCipherTests
{
    /// <summary>IEEE 1619-2007, annex B, vectors 1 to 3 (units of 32 bytes).</summary>
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0UL, 0x00, "917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e")]
    [InlineData("1111111111111111111111111111111122222222222222222222222222222222", 0x3333333333UL, 0x44, "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0")]
    [InlineData("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f022222222222222222222222222222222", 0x3333333333UL, 0x44, "af85336b597afc1a900b2eb21ec949d292df4c047e0b21532186a5971a227a89")]
    public void Xts_gives_what_its_standard_says(string key, ulong sector, byte plain, string encrypted)
    {
        using var cipher = SectorCipher.Create("aes-xts-plain64", Convert.FromHexString(key), 32);
        byte[] data = [.. Enumerable.Repeat(plain, 32)];

        cipher.Encrypt(data, sector);

        Convert.ToHexStringLower(data).Should().Be(encrypted);
        cipher.Decrypt(data, sector);
        data.Should().OnlyContain(value => value == plain);
    }

    [Theory]
    [InlineData("aes-xts-plain64", 64, 512)]
    [InlineData("aes-xts-plain64", 32, 4096)]
    [InlineData("aes-xts-plain", 64, 512)]
    [InlineData("aes-cbc-essiv:sha256", 32, 512)]
    [InlineData("aes-cbc-plain64", 16, 4096)]
    public void Many_sectors_at_once_are_the_same_as_one_by_one_and_come_back(string name, int keyBytes, int sectorBytes)
    {
        var random = new Random(11);
        var key = new byte[keyBytes];
        var plain = new byte[300 * 1024];
        random.NextBytes(key);
        random.NextBytes(plain);
        using var cipher = SectorCipher.Create(name, key, sectorBytes);
        byte[] together = [.. plain];
        byte[] apart = [.. plain];
        const ulong First = 0xFFFF_FFF8;

        cipher.Encrypt(together, First);
        for (var at = 0; at < apart.Length; at += sectorBytes)
        {
            cipher.Encrypt(apart.AsSpan(at, sectorBytes), First + ((ulong)at / 512));
        }

        together.Should().Equal(apart);
        together.AsSpan(0, sectorBytes).SequenceEqual(plain.AsSpan(0, sectorBytes)).Should().BeFalse();
        cipher.Decrypt(together, First);
        together.Should().Equal(plain);
    }

    [Fact]
    public void Plain_goes_round_at_32_bits_and_plain64_does_not()
    {
        foreach (var (name, isSame) in new[] { ("aes-xts-plain", true), ("aes-xts-plain64", false) })
        {
            using var cipher = SectorCipher.Create(name, new byte[32], 512);
            var (low, high) = (new byte[512], new byte[512]);
            cipher.Encrypt(low, 5);
            cipher.Encrypt(high, 5 + (1UL << 32));
            low.AsSpan().SequenceEqual(high).Should().Be(isSame);
        }
    }

    [Theory]
    [InlineData("serpent-xts-plain64", 64, "*serpent-xts-plain64*not supported*")]
    [InlineData("aes-lrw-benbi", 64, "*aes-lrw-benbi*")]
    [InlineData("aes-xts-plain64", 31, "*248 bits*")]
    [InlineData("aes-cbc-plain64", 64, "*512 bits*")]
    [InlineData("\e[31maes", 32, "*?[31maes*")]
    public void Others_are_refused_by_name(string name, int keyBytes, string message)
        => FluentActions.Invoking(() => SectorCipher.Create(name, new byte[keyBytes], 512)).Should().Throw<VolumeProblem>().WithMessage(message);
}
