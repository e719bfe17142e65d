using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>The header of LUKS1 (LUKS1 On-Disk Format Specification 1.2.3, figures 1 and 2). Big-endian; sectors of 512 bytes.</summary>
internal static class Luks1Header
{
    /// <summary>Its length, bytes.</summary>
    public const int Bytes = SlotsOffset + (Slots * SlotBytes);

    private const int Slots = 8;
    private const int SlotsOffset = 208;
    private const int SlotBytes = 48;
    private const uint Enabled = 0x00AC71F3;
    private const int SectorBytes = 512;
    private const int DigestBytes = 20;
    private const int SaltBytes = 32;

    /// <summary>Reads it.</summary>
    /// <param name="header">Its bytes.</param>
    /// <param name="length">Length of the container, bytes.</param>
    /// <exception cref="VolumeProblem">It is damaged, or has what is not supported.</exception>
    public static LuksContainer Parse(ReadOnlySpan<byte> header, long length)
    {
        var cipher = $"{LuksText.Of(header.Slice(8, 32))}-{LuksText.Of(header.Slice(40, 32))}";
        var hash = LuksHash.Of(LuksText.Of(header.Slice(72, 32)));
        var payload = (long)Number(header, 104) * SectorBytes;
        var keyBytes = Number(header, 108);
        var iterations = Number(header, 164);
        if (payload == 0)
        {
            throw new VolumeProblem("its header is kept apart from it (a detached header), which is not supported");
        }

        if (payload > length - SectorBytes || keyBytes is 0 or > LuksKeySlot.LongestKey || iterations is 0 or > Pbkdf2Kdf.MostIterations)
        {
            throw new VolumeProblem("its LUKS1 header is damaged: data offset, key length or iterations are out of bounds");
        }

        var digest = new LuksDigest(hash, (int)iterations, header.Slice(132, SaltBytes).ToArray(), header.Slice(112, DigestBytes).ToArray());
        var slots = new List<LuksKeySlot>();
        for (var number = 0; number < Slots; number++)
        {
            if (Slot(header.Slice(SlotsOffset + (number * SlotBytes), SlotBytes), number, (int)keyBytes, hash, cipher, digest, payload) is { } slot)
            {
                slots.Add(slot);
            }
        }

        return new LuksContainer(1, LuksText.Uuid(LuksText.Of(header.Slice(168, 40))), slots, new LuksSegment(payload, (length - payload) / SectorBytes * SectorBytes, 0, cipher, SectorBytes));
    }

    /// <summary>A slot that is not enabled, or cannot be, is none.</summary>
    private static LuksKeySlot? Slot(ReadOnlySpan<byte> slot, int number, int keyBytes, HashAlgorithmName hash, string cipher, LuksDigest digest, long payload)
    {
        var iterations = Number(slot, 4);
        var offset = (long)Number(slot, 40) * SectorBytes;
        var stripes = Number(slot, 44);
        var isSound = iterations is not 0 and <= Pbkdf2Kdf.MostIterations
            && stripes is not 0 and <= LuksKeySlot.MostStripes
            && offset >= Bytes
            && offset + (keyBytes * (long)stripes) <= payload;
        return Number(slot, 0) == Enabled && isSound
            ? new LuksKeySlot(number, keyBytes, new Pbkdf2Kdf(hash, (int)iterations, slot.Slice(8, SaltBytes).ToArray()), hash, (int)stripes, offset, cipher, keyBytes, digest)
            : null;
    }

    private static uint Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
}
