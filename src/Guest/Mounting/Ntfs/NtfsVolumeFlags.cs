using System.Buffers.Binary;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Mounting.Ntfs;

/// <summary>Reads the flags of an NTFS volume from its file $Volume: whether it was left dirty.</summary>
/// <remarks>
/// Layout as documented by the Linux-NTFS project ("NTFS Documentation": $Boot, file record, $VOLUME_INFORMATION). The first sixteen file
/// records lie in the first run of $MFT, so no run list has to be followed. Nothing is believed: every offset is held against the record.
/// </remarks>
internal static class NtfsVolumeFlags
{
    private const int VolumeRecord = 3; // $Volume
    private const uint VolumeInformation = 0x70;
    private const uint EndOfAttributes = 0xFFFFFFFF;
    private const ushort IsDirty = 1; // VOLUME_IS_DIRTY
    private const int SectorBytes = 512; // stride of the update sequence, whatever the sector size
    private const int LargestRecord = 64 * 1024;

    /// <summary>Whether the volume's dirty flag is set; <see langword="null"/> where it cannot be read.</summary>
    /// <param name="disk">What the volume lies on.</param>
    /// <param name="offset">Start of the volume, bytes.</param>
    /// <param name="length">Its length, bytes.</param>
    public static bool? Dirty(IDiskReader disk, long offset, long length)
    {
        var boot = new byte[SectorBytes];
        if (disk.ReadAt(boot, offset) < boot.Length || RecordPlace(boot) is not var (start, bytes) || start < 0 || start > length - bytes)
        {
            return null;
        }

        var record = new byte[bytes];
        return disk.ReadAt(record, offset + start) == bytes && ApplyFixups(record) ? FlagOf(record) : null;
    }

    /// <summary>Where $Volume's file record is: bytes from the volume's start, and its length.</summary>
    private static (long Start, int Bytes)? RecordPlace(ReadOnlySpan<byte> boot)
    {
        int sector = BinaryPrimitives.ReadUInt16LittleEndian(boot[0x0B..]);

        // Above 0x80 it is a negative power of two (clusters of more than 64 KiB, Windows 10).
        var perCluster = boot[0x0D] <= 0x80 ? boot[0x0D] : 1L << Math.Min(256 - boot[0x0D], 20);
        var cluster = sector * perCluster;
        var mft = BinaryPrimitives.ReadInt64LittleEndian(boot[0x30..]);
        var size = (sbyte)boot[0x40];
        var bytes = size > 0 ? size * cluster : 1L << Math.Min(-size, 30);
        if (cluster <= 0 || bytes is < SectorBytes or > LargestRecord || mft <= 0 || mft > long.MaxValue / cluster / 2)
        {
            return null;
        }

        return ((mft * cluster) + (VolumeRecord * bytes), (int)bytes);
    }

    /// <summary>Puts the last two bytes of each 512 back, which a file record keeps apart; false where they do not fit.</summary>
    private static bool ApplyFixups(Span<byte> record)
    {
        if (!record[..4].SequenceEqual("FILE"u8))
        {
            return false;
        }

        int at = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
        if (count == 0 || (count - 1) * SectorBytes > record.Length || at + (count * 2) > record.Length)
        {
            return false;
        }

        for (var index = 1; index < count; index++)
        {
            var end = record.Slice((index * SectorBytes) - 2, 2);
            if (!end.SequenceEqual(record.Slice(at, 2)))
            {
                return false;
            }

            record.Slice(at + (index * 2), 2).CopyTo(end);
        }

        return true;
    }

    private static bool? FlagOf(ReadOnlySpan<byte> record)
    {
        const int HeaderBytes = 24;
        for (int at = BinaryPrimitives.ReadUInt16LittleEndian(record[0x14..]); at + HeaderBytes <= record.Length;)
        {
            var attribute = record[at..];
            var type = BinaryPrimitives.ReadUInt32LittleEndian(attribute);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(attribute[4..]);
            if (type == EndOfAttributes || length < HeaderBytes || length > attribute.Length)
            {
                return null;
            }

            int value = BinaryPrimitives.ReadUInt16LittleEndian(attribute[0x14..]);
            if (type == VolumeInformation && attribute[8] == 0 && value + 12 <= length)
            {
                return (BinaryPrimitives.ReadUInt16LittleEndian(attribute[(value + 10)..]) & IsDirty) != 0;
            }

            at += (int)length;
        }

        return null;
    }
}
