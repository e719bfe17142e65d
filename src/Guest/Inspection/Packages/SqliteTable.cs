using System.Buffers.Binary;

namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>Reads the rows of a table of an SQLite database (sqlite.org/fileformat2.html, sections 1.3, 1.6, 2.1).</summary>
/// <remarks>By us and not by the library: no C parser runs as root over bytes of the guest. A page of the table's tree is visited once, whatever the tree says.</remarks>
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
        var header = DatabaseBytes.At(database, 0, HeaderBytes).Span;
        if (header.Length < HeaderBytes || !header[..16].SequenceEqual("SQLite format 3\0"u8))
        {
            throw new InvalidDataException("no SQLite database");
        }

        int size = BinaryPrimitives.ReadUInt16BigEndian(header[16..]);
        _pageBytes = size == 1 ? 65536 : size;
        _usableBytes = _pageBytes - header[20];
        if (_pageBytes < 512 || !int.IsPow2(_pageBytes) || _usableBytes < 480)
        {
            throw new InvalidDataException("an SQLite database with an impossible page size");
        }
    }

    /// <summary>The rows of a table, in their order.</summary>
    /// <param name="database">The file, which can be seeked in.</param>
    /// <param name="table">Name of the table.</param>
    /// <exception cref="InvalidDataException">It is no such database, or damaged.</exception>
    public static IEnumerable<SqliteRow> Rows(Stream database, string table)
    {
        var reader = new SqliteTable(database);

        // Columns of sqlite_schema: type, name, tbl_name, rootpage, sql.
        var root = reader.Rows(1).FirstOrDefault(row => row.Text(0) == "table" && row.Text(1) == table)?.Number(3)
            ?? throw new InvalidDataException($"an SQLite database without a table {table}");
        reader._visited.Clear();
        return reader.Rows(checked((uint)Math.Clamp(root, 0, uint.MaxValue)));
    }

    /// <summary>The start of what did not fit a row's page, from the pages that it went to (section 1.6, "Cell Payload Overflow Pages").</summary>
    /// <param name="first">The first page.</param>
    /// <param name="into">How much; filled as far as the pages go.</param>
    internal int ReadOverflow(uint first, Span<byte> into)
    {
        var filled = 0;
        for (var number = first; filled < into.Length && number != 0;)
        {
            var page = Page(number);
            var held = page.AsSpan(sizeof(uint), Math.Min(_usableBytes - sizeof(uint), into.Length - filled));
            held.CopyTo(into[filled..]);
            filled += held.Length;
            number = BinaryPrimitives.ReadUInt32BigEndian(page);
        }

        return filled;
    }

    private IEnumerable<SqliteRow> Rows(uint root)
    {
        var pending = new Stack<uint>([root]);
        while (pending.TryPop(out var number))
        {
            if (!_visited.Add(number))
            {
                throw new InvalidDataException("an SQLite database whose pages lead in a circle");
            }

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
                var held = 0;
                foreach (var start in starts)
                {
                    var row = Row(page, start);
                    held += row.BytesHere;
                    yield return held <= _usableBytes ? row : throw new InvalidDataException("an SQLite page whose rows lie over one another");
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
        if (number == 0 || offset > _database.Length - _pageBytes)
        {
            throw new InvalidDataException("an SQLite database whose pages lead out of it");
        }

        var page = new byte[_pageBytes];
        _database.Position = offset;
        _database.ReadExactly(page);
        return page;
    }

    /// <summary>A row: its length, its number, what of it lies here, and the page where the rest begins.</summary>
    private SqliteRow Row(byte[] page, int at)
    {
        var usable = page.AsSpan(0, _usableBytes);
        var length = SqliteRow.Varint(usable, ref at);
        _ = SqliteRow.Varint(usable, ref at); // row id

        // Section 1.6: how much of a payload stays in a leaf page.
        var (most, least) = (_usableBytes - 35, ((_usableBytes - 12) * 32 / 255) - 23);
        var here = length <= most ? length : least + ((length - least) % (_usableBytes - 4)) is var part && part <= most ? part : least;
        if (length < 0 || at + here + (length > here ? sizeof(uint) : 0) > _usableBytes)
        {
            throw new InvalidDataException("an SQLite row that leads out of its page");
        }

        return new SqliteRow(this, page.AsMemory(at, (int)here), length > here ? BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(at + (int)here)) : 0);
    }
}
