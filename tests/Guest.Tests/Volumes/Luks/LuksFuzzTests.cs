using System.Text;
using Hyper2Kvm.Guest.Tests.Fixtures;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Luks;

namespace Hyper2Kvm.Guest.Tests.Volumes.Luks;

/// <summary>Real headers with damage of every kind, their checksums made right again so that the damage gets in.</summary>
public sealed class LuksFuzzTests
{
    private const int Rounds = 2000;

    /// <summary>Costs up to which a damaged header is also tried with a passphrase.</summary>
    private const int CheapIterations = 3000;

    private static readonly string[] Words =
        ["0", "-1", "4294967295", "9223372036854775807", "18446744073709551615", "1e99", "\"0\"", "\"dynamic\"", "null", "{}", "[]", "[[[[", "{\"0\":", "\"\\ud800\"", "\"argon2i\"", "\"pbkdf2\"", "\"sha512\"", "\"0\",\"0\"", "\0", "}}}}"];

    [Theory]
    [InlineData("luks1")]
    [InlineData("luks2")]
    [InlineData("luks2-pbkdf2")]
    public void A_damaged_header_never_makes_a_crash_a_hang_or_a_large_allocation(string name)
    {
        var pristine = LuksSample.Load(name).Bytes;
        var sample = LuksSample.Load(name);
        var opened = 0;
        Fuzz.Run(
            Rounds,
            random =>
            {
                pristine.CopyTo(sample.Bytes, 0);
                opened += Try(sample, random) ? 1 : 0;
            },
            name);

        opened.Should().BeGreaterThan(Rounds / 100, "some of the damage is harmless: else nothing was tried");
    }

    private static bool Try(LuksSample sample, Random random)
    {
        for (var times = random.Next(1, 6); times > 0; times--)
        {
            Damage(sample, random);
        }

        if (random.Next(10) > 0)
        {
            sample.Sealed();
        }

        var isSound = false;
        var disk = sample.Reader();
        try
        {
            var container = LuksHeader.Read(disk);
            Check(container, disk, random);
            isSound = true;
        }
        catch (VolumeProblem problem)
        {
            problem.Message.Length.Should().BeLessThan(300);
            problem.Message.Any(char.IsControl).Should().BeFalse();
        }

        VolumeDiscovery.Discover([disk], keys: []);
        return isSound;
    }

    private static void Check(LuksContainer container, MemoryDisk disk, Random random)
    {
        container.Segment.Offset.Should().BeInRange(0, disk.Length);
        container.Segment.Length.Should().BeInRange(0, disk.Length - container.Segment.Offset);
        foreach (var slot in container.Slots)
        {
            slot.Offset.Should().BeInRange(0, disk.Length - (slot.KeyBytes * (long)slot.Stripes));
            if (random.Next(20) == 0 && slot.Kdf is Pbkdf2Kdf { Iterations: < CheapIterations } && slot.Digest.Iterations < CheapIterations)
            {
                slot.Open(disk, "fixture"u8).Should().BeNull();
            }
        }
    }

    private static void Damage(LuksSample sample, Random random)
    {
        // Most of it in the description, where there is one.
        var bytes = sample.Bytes;
        var copy = sample.Copies.Length == 0 ? 0 : sample.Copies[random.Next(2)];
        var at = sample.Copies.Length == 0 ? random.Next(700) : copy + (random.Next(4) == 0 ? random.Next(600) : Luks2Header.BinaryBytes + random.Next(1400));
        switch (random.Next(5))
        {
            case 0:
                bytes.AsSpan(at & ~3, 4).Fill((byte)(random.Next(2) * 255));
                break;
            case 1:
                // In the place of a value, so that the text often stays sound.
                var value = bytes.AsSpan(at).IndexOf((byte)':') + 1;
                Encoding.ASCII.GetBytes(Words[random.Next(Words.Length)]).CopyTo(bytes, at + value);
                break;
            default:
                Fuzz.Damage(bytes, at, random);
                break;
        }
    }
}
