using System.Buffers.Binary;

namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>rpm's own database, <c>Packages.db</c> of SUSE (rpm, lib/backend/ndb/rpmpkg.c): pages of slots, each of which names where a package's header lies. Numbers are little-endian.</summary>
internal static class RpmNdb
{
    private const uint Magic = 0x506D7052; // RpmP
    private const uint SlotMagic = 0x746F6C53; // Slot
    private const uint BlobMagic = 0x53626C42; // BlbS
    private const int PageBytes = 4096;
    private const int SlotBytes = 16; // magic, package, block, count of blocks
    private const int HeaderBytes = 32; // in place of the first two slots
    private const int BlockBytes = 16;
    private const int BlobHeadBytes = 16; // magic, package, generation, length
    private const int MostPages = 16 * 1024; // slots of 4 million packages

    /// <summary>The packages' headers: each gives bytes of its start, see <see cref="RpmHeader.Read"/>.</summary>
    /// <param name="database">The file, which can be seeked in.</param>
    /// <exception cref="InvalidDataException">It is no such database, or damaged.</exception>
    public static IEnumerable<Func<int, ReadOnlyMemory<byte>>> Headers(Stream database)
    {
        var header = DatabaseBytes.At(database, 0, HeaderBytes).Span;
        var pages = header.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        if (pages is 0 or > MostPages)
        {
            throw new InvalidDataException("no ndb database of rpm");
        }

        return Slots(database, (int)pages);
    }

    private static IEnumerable<Func<int, ReadOnlyMemory<byte>>> Slots(Stream database, int pages)
    {
        for (var page = 0; page < pages; page++)
        {
            var slots = DatabaseBytes.At(database, (long)page * PageBytes, PageBytes);
            for (var at = page == 0 ? HeaderBytes : 0; at + SlotBytes <= slots.Length; at += SlotBytes)
            {
                var slot = slots.Span[at..];
                var (package, block) = (BinaryPrimitives.ReadUInt32LittleEndian(slot[4..]), BinaryPrimitives.ReadUInt32LittleEndian(slot[8..]));
                if (BinaryPrimitives.ReadUInt32LittleEndian(slot) != SlotMagic)
                {
                    throw new InvalidDataException("an ndb database of rpm with a damaged slot");
                }

                if (package != 0 && block != 0)
                {
                    yield return count => Blob(database, (long)block * BlockBytes, package, count);
                }
            }
        }
    }

    private static ReadOnlyMemory<byte> Blob(Stream database, long offset, uint package, int count)
    {
        var head = DatabaseBytes.At(database, offset, BlobHeadBytes).Span;
        return head.Length == BlobHeadBytes && BinaryPrimitives.ReadUInt32LittleEndian(head) == BlobMagic && BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) == package
            ? DatabaseBytes.At(database, offset + BlobHeadBytes, (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(head[12..]), (uint)count))
            : throw new InvalidDataException("an ndb database of rpm whose slot names no package");
    }
}
