using System.Buffers.Binary;

namespace Hyper2Kvm.Daemon.Outcome.Deduplication;

/// <summary>Where the partitions of a plain disk begin: the serial numbers and mount times of its file systems stand there, which differ between guests that were cloned from one template.</summary>
/// <remarks>UEFI Specification 2.10, sections 5.2 (MBR) and 5.3 (GPT). Only what is sampled hangs on it, so what looks wrong is passed over.</remarks>
internal static class PartitionStarts
{
    private const int SectorBytes = 512;
    private const int LargestCount = 16;
    private const int MbrEntries = 4;
    private const int MbrFirstEntry = 446;
    private const int MbrEntryBytes = 16;
    private const int GptLeastEntryBytes = 128;
    private const int GptEntries = 128;
    private const int GptFirstLba = 32;

    /// <summary>Offsets in bytes, at most 16.</summary>
    /// <param name="head">The first bytes of the file.</param>
    public static IReadOnlyList<long> Find(ReadOnlySpan<byte> head)
    {
        if (head.Length < 2 * SectorBytes || head[510] != 0x55 || head[511] != 0xaa)
        {
            return [];
        }

        return head[SectorBytes..].StartsWith("EFI PART"u8) ? Gpt(head) : Mbr(head);
    }

    private static List<long> Mbr(ReadOnlySpan<byte> head)
    {
        var found = new List<long>();
        for (var i = 0; i < MbrEntries; i++)
        {
            Add(found, BinaryPrimitives.ReadUInt32LittleEndian(head[(MbrFirstEntry + (i * MbrEntryBytes) + 8)..]));
        }

        return found;
    }

    private static List<long> Gpt(ReadOnlySpan<byte> head)
    {
        var found = new List<long>();
        var entries = BinaryPrimitives.ReadUInt64LittleEndian(head[(SectorBytes + 72)..]);
        var entryBytes = BinaryPrimitives.ReadUInt32LittleEndian(head[(SectorBytes + 84)..]);
        if (entries > (ulong)(head.Length / SectorBytes) || entryBytes is < GptLeastEntryBytes or > SectorBytes)
        {
            return found;
        }

        for (var (at, entry) = ((long)entries * SectorBytes, 0); entry < GptEntries && at + entryBytes <= head.Length && found.Count < LargestCount; at += entryBytes, entry++)
        {
            Add(found, BinaryPrimitives.ReadUInt64LittleEndian(head[((int)at + GptFirstLba)..]));
        }

        return found;
    }

    private static void Add(List<long> found, ulong sector)
    {
        if (sector is > 0 and < long.MaxValue / SectorBytes)
        {
            found.Add((long)sector * SectorBytes);
        }
    }
}
