using System.Buffers.Binary;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>Reads allocation tables from end to end in pieces: a hostile header must not make us allocate what it claims.</summary>
internal static class TableWalk
{
    private const int PieceBytes = 1 << 20;

    /// <summary>The entry with the highest value of a table of little-endian 32-bit numbers.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where the table begins, bytes.</param>
    /// <param name="count">Its entries.</param>
    /// <param name="what">What the table is, for messages.</param>
    /// <param name="value">Value of an entry; -1 for one that points nowhere.</param>
    /// <returns>The highest value with its index; -1 for both where none points anywhere.</returns>
    /// <exception cref="Core.Errors.StepException">The file ends before the table does.</exception>
    public static (long Value, long Index) Highest(SourceFile file, long offset, long count, string what, Func<uint, long> value)
    {
        var highest = (Value: -1L, Index: -1L);
        Each(file, offset, count, sizeof(uint), what, (piece, first) =>
        {
            for (var i = 0; i < piece.Length / sizeof(uint); i++)
            {
                var found = value(BinaryPrimitives.ReadUInt32LittleEndian(piece[(i * sizeof(uint))..]));
                if (found > highest.Value)
                {
                    highest = (found, first + i);
                }
            }
        });
        return highest;
    }

    /// <summary>Called with a piece of a table.</summary>
    /// <param name="piece">Whole entries.</param>
    /// <param name="first">Index of the first.</param>
    public delegate void PieceReader(ReadOnlySpan<byte> piece, long first);

    /// <summary>Goes through a table.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where the table begins, bytes.</param>
    /// <param name="count">Its entries.</param>
    /// <param name="entryBytes">Bytes of an entry; a power of two.</param>
    /// <param name="what">What the table is, for messages.</param>
    /// <param name="read">Called with each piece.</param>
    /// <exception cref="Core.Errors.StepException">The file ends before the table does.</exception>
    public static void Each(SourceFile file, long offset, long count, int entryBytes, string what, PieceReader read)
    {
        file.RequireLength(offset, checked(count * entryBytes), what);
        var entriesAPiece = PieceBytes / entryBytes;
        for (var first = 0L; first < count; first += entriesAPiece)
        {
            var entries = (int)Math.Min(entriesAPiece, count - first);
            read(file.Read(offset + (first * entryBytes), entries * entryBytes, what), first);
        }
    }
}
