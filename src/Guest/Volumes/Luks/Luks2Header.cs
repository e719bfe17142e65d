using System.Buffers.Binary;
using System.Security.Cryptography;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>The two copies of the header of LUKS2, each a binary part and a JSON text under one checksum (LUKS2 On-Disk Format Specification 1.1.3, 2).</summary>
internal static class Luks2Header
{
    /// <summary>Length of the binary part; the text follows.</summary>
    public const int BinaryBytes = 4096;

    /// <summary>Offset and length of the checksum, within the binary part.</summary>
    public const int ChecksumOffset = 448;

    private const int ChecksumBytes = 64;

    /// <summary>Lengths of one copy that are allowed, and so the places of the second (2.1, table 1).</summary>
    private static readonly int[] Lengths = [0x4000, 0x8000, 0x10000, 0x20000, 0x40000, 0x80000, 0x100000, 0x200000, 0x400000];

    /// <summary>Places of the second copy.</summary>
    public static IReadOnlyList<int> SecondaryOffsets => Lengths;

    /// <summary>Reads it: the newer of the copies that are sound.</summary>
    /// <param name="volume">The container.</param>
    /// <exception cref="VolumeProblem">Both are damaged, or it has what is not supported.</exception>
    public static LuksContainer Read(IDiskReader volume)
    {
        var copies = new List<Copy>();
        var first = ReadCopy(volume, 0);
        if (first is not null)
        {
            copies.Add(first);
        }

        // Only where the first does not say how long it is has the second to be looked for.
        foreach (var offset in first is null ? Lengths : [first.Length])
        {
            if (ReadCopy(volume, offset) is { } second)
            {
                copies.Add(second);
                break;
            }
        }

        if (copies.Count == 0)
        {
            throw new VolumeProblem("both copies of its LUKS2 header are damaged: restore them from a backup (cryptsetup luksHeaderRestore)");
        }

        var newest = copies.MaxBy(copy => copy.Sequence)!;
        var note = copies.Count == 2 ? null : first is null ? "the first copy of its LUKS2 header is damaged, the second was used" : "the second copy of its LUKS2 header is damaged";
        return Luks2Description.Parse(newest.Text, newest.Uuid, 2L * newest.Length, volume.Length) with { Note = note };
    }

    /// <summary>Whether the second copy of a header begins here.</summary>
    /// <param name="bytes">Its first bytes.</param>
    public static bool IsSecondMagic(ReadOnlySpan<byte> bytes) => bytes[..6].SequenceEqual((ReadOnlySpan<byte>)[(byte)'S', (byte)'K', (byte)'U', (byte)'L', 0xBA, 0xBE]);

    private static Copy? ReadCopy(IDiskReader volume, int offset)
    {
        var binary = new byte[BinaryBytes];
        if (volume.ReadAt(binary, offset) < BinaryBytes
            || !(offset == 0 ? LuksHeader.IsMagic(binary) : IsSecondMagic(binary))
            || BinaryPrimitives.ReadUInt16BigEndian(binary.AsSpan(6)) != 2
            || BinaryPrimitives.ReadUInt64BigEndian(binary.AsSpan(256)) != (ulong)offset)
        {
            return null;
        }

        var length = Array.Find(Lengths, allowed => (ulong)allowed == BinaryPrimitives.ReadUInt64BigEndian(binary.AsSpan(8)));
        if (length == 0 || (offset != 0 && length != offset) || length > volume.Length - offset)
        {
            return null;
        }

        var all = new byte[length];
        if (volume.ReadAt(all, offset) < length || !IsSound(all))
        {
            return null;
        }

        var text = all.AsMemory(BinaryBytes);
        var end = text.Span.IndexOf((byte)0);
        return new Copy(length, BinaryPrimitives.ReadUInt64BigEndian(binary.AsSpan(16)), LuksText.Uuid(LuksText.Of(binary.AsSpan(168, 40))), end < 0 ? text : text[..end]);
    }

    /// <summary>The checksum covers all of the copy, itself as zeroes.</summary>
    private static bool IsSound(byte[] copy)
    {
        HashAlgorithmName hash;
        try
        {
            hash = LuksHash.Of(LuksText.Of(copy.AsSpan(72, 32)));
        }
        catch (VolumeProblem)
        {
            return false;
        }

        var stored = copy.AsSpan(ChecksumOffset, ChecksumBytes).ToArray();
        copy.AsSpan(ChecksumOffset, ChecksumBytes).Clear();
        var sum = CryptographicOperations.HashData(hash, copy);
        return stored.AsSpan(0, sum.Length).SequenceEqual(sum);
    }

    /// <summary>One copy that is sound.</summary>
    /// <param name="Length">Length of the copy, bytes.</param>
    /// <param name="Sequence">Goes up with every change.</param>
    /// <param name="Uuid">The container's UUID.</param>
    /// <param name="Text">The description, UTF-8.</param>
    private sealed record Copy(int Length, ulong Sequence, string Uuid, ReadOnlyMemory<byte> Text);
}
