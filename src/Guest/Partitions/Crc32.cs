namespace Hyper2Kvm.Guest.Partitions;

/// <summary>CRC-32 with the polynomial of IEEE 802.3, as GPT has it (UEFI Specification 2.10, 5.3.2).</summary>
internal static class Crc32
{
    private const uint ReversedPolynomial = 0xEDB88320;

    private static readonly uint[] Table = MakeTable();

    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Update(uint.MaxValue, bytes);

    /// <summary>The bare register: neither set at the start nor inverted at the end.</summary>
    /// <param name="value">The register before.</param>
    /// <param name="bytes">The bytes.</param>
    public static uint Update(uint value, ReadOnlySpan<byte> bytes)
    {
        foreach (var next in bytes)
        {
            value = Table[(value ^ next) & 0xFF] ^ (value >> 8);
        }

        return value;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint index = 0; index < table.Length; index++)
        {
            var value = index;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ ReversedPolynomial : value >> 1;
            }

            table[index] = value;
        }

        return table;
    }
}
