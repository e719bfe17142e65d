using System.Buffers.Binary;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Images;
using Hyper2Kvm.Helpers.Input.Images.Vmdk;

namespace Hyper2Kvm.Helpers.Input.Streams;

/// <summary>Where each grain of a sparse extent stands in its file, read once. Tables without a grain take no memory.</summary>
/// <remarks>"Virtual Disk Format 5.0", "Grain Directory" and "Grain Table": an entry is the sector of the grain; 0 not allocated, 1 zeros (with the flag for it).</remarks>
internal sealed class GrainMap
{
    /// <summary>Most entries that are kept, 32 MiB of them: 512 GiB of data in grains of 64 KiB. What is larger is left to QEMU, which reads its tables again and again.</summary>
    private const int MostEntries = 8 << 20;

    private const int NoTable = -1;

    private readonly int[] _tables;
    private readonly List<uint[]> _entries;
    private readonly uint _perTable;
    private readonly bool _hasZeroGrains;

    private GrainMap(int[] tables, List<uint[]> entries, SparseExtentHeader header)
    {
        _tables = tables;
        _entries = entries;
        _perTable = header.EntriesPerTable;
        _hasZeroGrains = header.HasZeroGrains;
    }

    /// <summary>The sector of the file that a grain's marker is in; 0 where it is not allocated, or is zeros.</summary>
    /// <param name="grain">Index of the grain.</param>
    public uint this[long grain]
    {
        get
        {
            var table = _tables[grain / _perTable];
            var sector = table == NoTable ? 0 : _entries[table][grain % _perTable];
            return sector == 1 && _hasZeroGrains ? 0 : sector;
        }
    }

    /// <summary>Whether no grain of a grain's table is allocated: then the next question is about the next table.</summary>
    /// <param name="grain">Index of the grain.</param>
    /// <param name="next">First grain of the next table.</param>
    public bool IsTableEmpty(long grain, out long next)
    {
        next = ((grain / _perTable) + 1) * _perTable;
        return _tables[grain / _perTable] == NoTable;
    }

    /// <summary>Reads directory and tables.</summary>
    /// <param name="file">The extent.</param>
    /// <param name="header">Its header; the footer's, where it has one.</param>
    /// <returns>The map, or <see langword="null"/> where it would take too much memory.</returns>
    /// <exception cref="StepException">A table lies behind the end of the file.</exception>
    public static GrainMap? TryRead(SourceFile file, SparseExtentHeader header)
    {
        var perTable = header.GrainSize * header.EntriesPerTable;
        var count = (header.Capacity + perTable - 1) / perTable;
        if (count > MostEntries)
        {
            return null;
        }

        var tables = new int[count];
        var entries = new List<uint[]>();
        var fits = true;
        TableWalk.Each(file, (long)Math.Min(header.DirectoryOffset, long.MaxValue / DiskImage.Sector) * DiskImage.Sector, count, sizeof(uint), "the grain directory", (directory, first) =>
        {
            for (var i = 0; i < directory.Length / sizeof(uint) && fits; i++)
            {
                tables[first + i] = NoTable;
                var place = BinaryPrimitives.ReadUInt32LittleEndian(directory[(i * sizeof(uint))..]);
                if (place != 0 && ReadTable(file, place, header.EntriesPerTable, first + i) is { } table)
                {
                    tables[first + i] = entries.Count;
                    entries.Add(table);
                    fits = entries.Count * (long)header.EntriesPerTable <= MostEntries;
                }
            }
        });
        return fits ? new GrainMap(tables, entries, header) : null;
    }

    private static uint[]? ReadTable(SourceFile file, uint place, uint count, long index)
    {
        var bytes = file.Read(place * (long)DiskImage.Sector, (int)count * sizeof(uint), $"grain table {index}").AsSpan();
        if (!bytes.ContainsAnyExcept((byte)0))
        {
            return null;
        }

        var table = new uint[count];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * sizeof(uint))..]);
        }

        return table;
    }
}
