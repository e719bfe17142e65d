using System.Text;

namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>A row of an SQLite table (sqlite.org/fileformat2.html, section 2.1): a list of its columns' types and lengths, then what they hold.</summary>
internal sealed class SqliteRow
{
    private readonly SqliteTable _table;
    private readonly ReadOnlyMemory<byte> _here;
    private readonly uint _overflow;
    private readonly List<(long Type, long Start, long Length)> _columns = [];

    /// <summary>Reads the list; it lies in the row's own page.</summary>
    /// <param name="table">Its table.</param>
    /// <param name="here">What of it lies in its page.</param>
    /// <param name="overflow">The page where the rest begins; 0 where there is none.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public SqliteRow(SqliteTable table, ReadOnlyMemory<byte> here, uint overflow)
    {
        _table = table;
        _here = here;
        _overflow = overflow;
        var at = 0;
        var start = Math.Clamp(Varint(here.Span, ref at), 0, here.Length);
        for (var end = start; at < end;)
        {
            var type = Varint(here.Span, ref at);
            var length = type switch { 0 or 8 or 9 => 0, >= 1 and <= 4 => type, 5 => 6, 6 or 7 => 8, >= 12 and < int.MaxValue => (type - 12) / 2, _ => throw new InvalidDataException("an SQLite column of an unknown type") };
            _columns.Add((type, start, length));
            start += length;
        }
    }

    /// <summary>Bytes of it that lie in its page.</summary>
    public int BytesHere => _here.Length;

    /// <summary>Reads a number of 1 to 9 bytes (section 1.6, "varint").</summary>
    /// <param name="bytes">Where.</param>
    /// <param name="at">Its place; moved behind it.</param>
    /// <exception cref="InvalidDataException">It does not end.</exception>
    public static long Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        long value = 0;
        for (var count = 0; count < 9 && at < bytes.Length; count++)
        {
            var next = bytes[at++];
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

    /// <summary>The start of what a column holds; empty where there is no such column.</summary>
    /// <param name="column">Its place, from 0.</param>
    /// <param name="count">Most bytes.</param>
    public ReadOnlyMemory<byte> Bytes(int column, int count)
    {
        if (column >= _columns.Count)
        {
            return default;
        }

        var (_, start, length) = _columns[column];
        length = Math.Min(length, count);
        if (start + length <= _here.Length)
        {
            return _here.Slice((int)start, (int)length);
        }

        if (start > _here.Length)
        {
            throw new InvalidDataException("an SQLite row whose columns begin in other pages than its own");
        }

        var bytes = new byte[length];
        var near = _here[(int)start..];
        near.CopyTo(bytes);
        return near.Length + _table.ReadOverflow(_overflow, bytes.AsSpan(near.Length)) == bytes.Length ? bytes : throw new InvalidDataException("an SQLite row that is cut short");
    }

    /// <summary>A column that holds a text; <see langword="null"/> for another.</summary>
    /// <param name="column">Its place, from 0.</param>
    public string? Text(int column) => column < _columns.Count && _columns[column] is (>= 13, _, _) and var (type, _, _) && type % 2 == 1 ? Encoding.UTF8.GetString(Bytes(column, ushort.MaxValue).Span) : null;

    /// <summary>A column that holds a whole number; <see langword="null"/> for another.</summary>
    /// <param name="column">Its place, from 0.</param>
    public long? Number(int column) => column < _columns.Count ? _columns[column].Type switch { 8 => 0, 9 => 1, >= 1 and <= 6 => Integer(Bytes(column, sizeof(long)).Span), _ => null } : null;

    private static long Integer(ReadOnlySpan<byte> bytes)
    {
        long value = (sbyte)bytes[0];
        foreach (var next in bytes[1..])
        {
            value = (value << 8) | next;
        }

        return value;
    }
}
