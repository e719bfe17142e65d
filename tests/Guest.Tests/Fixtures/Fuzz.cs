using System.Diagnostics;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>What every parser of a guest's bytes is held to: no crash, no hang, no large allocation, whatever the damage.</summary>
/// <remarks>HYPER2KVM_FUZZ_SECONDS=600 goes on with other seeds for that long, for each sample.</remarks>
internal static class Fuzz
{
    private const long MostAllocated = 64 << 20;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Goes through the rounds; each has its own seed, which a failure names.</summary>
    /// <param name="rounds">At least so many.</param>
    /// <param name="round">One: damages and reads.</param>
    /// <param name="because">What is damaged, for the message.</param>
    public static void Run(int rounds, Action<Random> round, string because = "")
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("HYPER2KVM_FUZZ_SECONDS"), out var given) ? given : 0;
        var whole = Stopwatch.StartNew();
        for (var seed = 0; seed < rounds || whole.Elapsed.TotalSeconds < seconds; seed++)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            try
            {
                round(new Random(seed));
            }
            catch (Exception unexpected)
            {
                throw new InvalidOperationException($"{because}, seed {seed}: {unexpected.Message}", unexpected);
            }

            (GC.GetAllocatedBytesForCurrentThread() - allocated).Should().BeLessThan(MostAllocated, $"{because}, seed {seed}");
            clock.Elapsed.Should().BeLessThan(Longest, $"{because}, seed {seed}");
        }
    }

    /// <summary>Damage that fits bytes of any kind, at a place: a bit, some bytes, or a digit for a digit, so that a text stays sound and lies.</summary>
    public static void Damage(Span<byte> bytes, int at, Random random)
    {
        switch (random.Next(3))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                random.NextBytes(bytes.Slice(at, Math.Min(random.Next(1, 9), bytes.Length - at)));
                break;
            default:
                var digit = bytes[at..].IndexOfAnyInRange((byte)'0', (byte)'9');
                if (digit >= 0)
                {
                    bytes[at + digit] = (byte)('0' + random.Next(10));
                }

                break;
        }
    }
}
