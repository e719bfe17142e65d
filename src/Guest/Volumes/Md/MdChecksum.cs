using System.Buffers.Binary;

namespace Hyper2Kvm.Guest.Volumes.Md;

/// <summary>The checksum of both kinds of superblock: the sum of all words, the carry added (Linux, drivers/md/md.c: calc_sb_csum, calc_sb_1_csum).</summary>
internal static class MdChecksum
{
    /// <summary>Sums up little-endian words of 32 bits, and one of 16 at the end where there is one; the checksum's own word counts as 0.</summary>
    /// <param name="bytes">The superblock.</param>
    /// <param name="checksumOffset">Where its checksum is.</param>
    public static uint Of(ReadOnlySpan<byte> bytes, int checksumOffset)
    {
        ulong sum = 0;
        var at = 0;
        for (; at + 4 <= bytes.Length; at += 4)
        {
            sum += at == checksumOffset ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
        }

        sum += at + 2 <= bytes.Length ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) : 0u;
        return unchecked((uint)sum + (uint)(sum >> 32));
    }
}
