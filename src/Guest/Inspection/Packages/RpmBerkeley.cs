using System.Buffers.Binary;

namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>rpm's database in a Berkeley DB hash, <c>Packages</c> of Red Hat to 8 and SUSE to 15.2 (Berkeley DB 5.3, src/dbinc/db_page.h): pages of pairs, a number and a package's header, which mostly lies in pages of its own.</summary>
/// <remarks>Pages are read in their order, not by the hash, so each is looked at once whatever they say. Numbers are in the byte order of who wrote it.</remarks>
internal sealed class RpmBerkeley
{
    private const uint Magic = 0x00061561; // DB_HASHMAGIC
    private const int MagicOffset = 12;
    private const int PageSizeOffset = 20;
    private const int EncryptionOffset = 24;
    private const int HeaderBytes = 26;
    private const int NextOffset = 16;
    private const int EntriesOffset = 20;
    private const int FreeOffset = 22; // of an overflow page: how many bytes it holds
    private const int TypeOffset = 25;
    private const byte UnsortedPage = 2; // P_HASH_UNSORTED
    private const byte OverflowPage = 7; // P_OVERFLOW
    private const byte HashPage = 13; // P_HASH
    private const byte PairItem = 1; // H_KEYDATA
    private const byte ElsewhereItem = 3; // H_OFFPAGE
    private const int ElsewhereBytes = 12; // type, unused, page, length

    private readonly Stream _database;
    private readonly bool _isBig;
    private readonly int _pageBytes;

    private RpmBerkeley(Stream database)
    {
        _database = database;
        var meta = DatabaseBytes.At(database, 0, 512).Span;
        _isBig = meta.Length == 512 && BinaryPrimitives.ReadUInt32BigEndian(meta[MagicOffset..]) == Magic;
        if (meta.Length < 512 || Number(meta[MagicOffset..]) != Magic || meta[EncryptionOffset] != 0)
        {
            throw new InvalidDataException("no Berkeley DB hash");
        }

        _pageBytes = (int)Math.Min(Number(meta[PageSizeOffset..]), int.MaxValue);
        if (_pageBytes is < 512 or > 65536 || !int.IsPow2(_pageBytes))
        {
            throw new InvalidDataException("a Berkeley DB hash with an impossible page size");
        }
    }

    /// <summary>The packages' headers: each gives bytes of its start, see <see cref="RpmHeader.Read"/>.</summary>
    /// <param name="database">The file, which can be seeked in.</param>
    /// <exception cref="InvalidDataException">It is no such database, or damaged.</exception>
    public static IEnumerable<Func<int, ReadOnlyMemory<byte>>> Headers(Stream database) => new RpmBerkeley(database).Pages();

    private IEnumerable<Func<int, ReadOnlyMemory<byte>>> Pages()
    {
        var count = _database.Length / _pageBytes;
        for (var number = 1L; number < count; number++)
        {
            var page = Page(number);
            if (page.Span[TypeOffset] is HashPage or UnsortedPage)
            {
                foreach (var header in Pairs(page))
                {
                    yield return header;
                }
            }
        }
    }

    /// <summary>The second of each pair: items grow from the end of the page towards its table of where they start.</summary>
    private IEnumerable<Func<int, ReadOnlyMemory<byte>>> Pairs(ReadOnlyMemory<byte> page)
    {
        var entries = Math.Min(Short(page.Span[EntriesOffset..]), (_pageBytes - HeaderBytes) / sizeof(ushort));
        for (var entry = 1; entry < entries; entry += 2)
        {
            var (end, start) = (Start(page.Span, entry - 1), Start(page.Span, entry));
            if (start >= end || end > _pageBytes)
            {
                throw new InvalidDataException("a Berkeley DB hash with a damaged page");
            }

            var item = page[start..end];
            if (item.Span[0] == ElsewhereItem && item.Length >= ElsewhereBytes)
            {
                var (first, length) = (Number(item.Span[4..]), Number(item.Span[8..]));
                yield return count => Chain(first, (int)Math.Min(length, (uint)count));
            }
            else if (item.Span[0] == PairItem && item.Length > 1 + sizeof(uint))
            {
                // What is as short as a number is how many packages there are, under the key 0.
                yield return count => item[1..Math.Min(item.Length, 1 + count)];
            }
        }
    }

    private ReadOnlyMemory<byte> Chain(uint first, int count)
    {
        var bytes = new byte[(int)Math.Min(count, _database.Length)];
        var filled = 0;
        for (var number = first; filled < bytes.Length && number != 0;)
        {
            var page = Page(number).Span;
            var next = Number(page[NextOffset..]);
            var held = (int)Short(page[FreeOffset..]);

            // All pages of a chain but the last are full.
            if (page[TypeOffset] != OverflowPage || held > _pageBytes - HeaderBytes || (next != 0 && held < _pageBytes - HeaderBytes))
            {
                throw new InvalidDataException("a Berkeley DB hash with a damaged chain of pages");
            }

            held = Math.Min(held, bytes.Length - filled);
            page.Slice(HeaderBytes, held).CopyTo(bytes.AsSpan(filled));
            filled += held;
            number = next;
        }

        return bytes.AsMemory(0, filled);
    }

    private ReadOnlyMemory<byte> Page(long number)
    {
        var page = DatabaseBytes.At(_database, number * _pageBytes, _pageBytes);
        return page.Length == _pageBytes ? page : throw new InvalidDataException("a Berkeley DB hash whose pages lead out of it");
    }

    private int Start(ReadOnlySpan<byte> page, int entry) => Short(page[(HeaderBytes + (entry * sizeof(ushort)))..]);

    private uint Number(ReadOnlySpan<byte> bytes) => _isBig ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private ushort Short(ReadOnlySpan<byte> bytes) => _isBig ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
