namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>LVM2's checksum: CRC-32 of IEEE 802.3's polynomial, another start, not inverted at the end (LVM2, lib/misc/crc.c, INITIAL_CRC).</summary>
internal static class LvmChecksum
{
    /// <summary>What a checksum starts from.</summary>
    public const uint Initial = 0xF597A6CF;

    /// <summary>Goes on with a checksum; ends where it started for no bytes.</summary>
    /// <param name="value">The checksum so far; <see cref="Initial"/> at the start.</param>
    /// <param name="bytes">The next bytes.</param>
    public static uint Add(uint value, ReadOnlySpan<byte> bytes) => Partitions.Crc32.Update(value, bytes);
}
