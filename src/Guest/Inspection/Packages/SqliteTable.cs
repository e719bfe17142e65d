using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>Reads texts from a table of an SQLite database (sqlite.org/fileformat2.html, sections 1.3, 1.6, 2.1).</summary>
/// <remarks>
/// By us and not by the library: no C parser runs as root over bytes of the guest. Only what lies in a table's leaf pages is read, not what overflows to
/// others; a page is visited once, whatever the tree says.
/// </remarks>
internal sealed class SqliteTable
{
    private const int HeaderBytes = 100;
    private const byte InteriorPage = 0x05;
    private const byte LeafPage = 0x0D;

    private readonly Stream _database;
    private readonly int _pageBytes;
    private readonly int _usableBytes;
    private readonly HashSet<uint> _visited = [];

    private SqliteTable(Stream database)
    {
        _database = database;
        var header = new byte[HeaderBytes];
        if (database.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !header.AsSpan(0, 16).SequenceEqual("SQLite format 3\0"u8))
        {
            throw new InvalidDataException("no SQLite database");
        }

        int size = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16));
        _pageBytes = size == 1 ? 65536 : size;
        _usableBytes = _pageBytes - header[20];
        if (_pageBytes < 512 || !int.IsPow2(_pageBytes) || _usableBytes < 480)
        {
            throw new InvalidDataException("an SQLite database with an impossible page size");
        }
    }

    /// <summary>The first column of all rows, where it is text; in the order of the rows.</summary>
    /// <param name="database">The file, which can be seeked in.</param>
    /// <param name="table">Name of the table.</param>
    /// <exception cref="InvalidDataException">It is no such database, or damaged.</exception>
    public static IReadOnlyList<string> FirstColumn(Stream database, string table)
    {
        var reader = new SqliteTable(database);

        // Columns of sqlite_schema: type, name, tbl_name, rootpage, sql.
        var root = reader.Rows(1).FirstOrDefault(row => row.Count > 3 && row[0] is "table" && row[1] is string name && name == table)?[3] as long?
            ?? throw new InvalidDataException($"an SQLite database without a table {table}");
        reader._visited.Clear();
        return [.. reader.Rows(checked((uint)Math.Clamp(root, 0, uint.MaxValue))).Select(row => row.Count > 0 ? row[0] as string : null).OfType<string>()];
    }

    private IEnumerable<List<object?>> Rows(uint root)
    {
        var pending = new Stack<uint>([root]);
        while (pending.TryPop(out var number))
        {
            var page = Page(number);
            var at = number == 1 ? HeaderBytes : 0;
            int cells = BinaryPrimitives.ReadUInt16BigEndian(page.AsSpan(at + 3));
            var isLeaf = page[at] == LeafPage;
            if (!isLeaf && page[at] != InteriorPage)
            {
                throw new InvalidDataException("an SQLite page that belongs to no table");
            }

            var pointers = at + (isLeaf ? 8 : 12);
            var starts = new List<int>();
            for (var cell = 0; cell < cells && pointers + (cell * 2) + 2 <= _usableBytes; cell++)
            {
                starts.Add(BinaryPrimitives.ReadUInt16BigEndian(page.AsSpan(pointers + (cell * 2))));
            }

            if (isLeaf)
            {
                foreach (var start in starts)
                {
                    yield return Row(page, start);
                }
            }
            else
            {
                // Last child first onto the stack, so that rows come in their order.
                pending.Push(BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(at + 8)));
                foreach (var start in Enumerable.Reverse(starts).Where(start => start + 4 <= _usableBytes))
                {
                    pending.Push(BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(start)));
                }
            }
        }
    }

    private byte[] Page(uint number)
    {
        var offset = (number - 1L) * _pageBytes;
        if (number == 0 || offset > _database.Length - _pageBytes || !_visited.Add(number))
        {
            throw new InvalidDataException("an SQLite database whose pages lead out of it, or in a circle");
        }

        var page = new byte[_pageBytes];
        _database.Position = offset;
        _database.ReadExactly(page);
        return page;
    }

    /// <summary>The columns of a row that lie in its page: text, integers, null for all else.</summary>
    private List<object?> Row(byte[] page, int at)
    {
        _ = Varint(page, ref at); // payload length: what does not fit the page is seen from the columns
        _ = Varint(page, ref at); // row id
        var body = at;
        var headerEnd = body + Math.Clamp(Varint(page, ref at), 0, _usableBytes);
        var values = new List<object?>();
        for (var value = headerEnd; at < headerEnd && at < _usableBytes;)
        {
            var type = Varint(page, ref at);
            var length = type switch { 0 or 8 or 9 => 0, >= 1 and <= 4 => type, 5 => 6, 6 or 7 => 8, >= 12 => (type - 12) / 2, _ => throw new InvalidDataException("an SQLite column of an unknown type") };
            if (value + length > _usableBytes)
            {
                break;
            }

            var bytes = page.AsSpan((int)value, (int)length);
            values.Add(type >= 13 && type % 2 == 1 ? Encoding.UTF8.GetString(bytes) : type is >= 1 and <= 6 ? Integer(bytes) : type is 8 or 9 ? type - 8 : null);
            value += length;
        }

        return values;
    }

    private static long Integer(ReadOnlySpan<byte> bytes)
    {
        long value = (sbyte)bytes[0];
        foreach (var next in bytes[1..])
        {
            value = (value << 8) | next;
        }

        return value;
    }

    private long Varint(byte[] page, ref int at)
    {
        long value = 0;
        for (var count = 0; count < 9 && at < _usableBytes; count++)
        {
            var next = page[at++];
            if (count == 8)
            {
                return (value << 8) | next;
            }

            value = (value << 7) | (uint)(next & 0x7F);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("an SQLite number that does not end");
    }
}
