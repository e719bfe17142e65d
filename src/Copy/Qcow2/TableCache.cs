namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>
/// Tables of one cluster each (L2 tables or refcount blocks) of which few are in memory: those that were not used for
/// long are written out, and read again should they be needed once more. A copy goes through a disk in order, so that
/// is rare; but no disk is too large. One thread at a time.
/// </summary>
internal sealed class TableCache(ImageFile file, ClusterAllocator allocator, ulong clusterBytes)
{
    /// <summary>Bytes in memory: at 64 KiB a cluster the L2 tables of 32 GiB of disk, and a small part of the memory of a copy of many disks.</summary>
    private const ulong MostBytes = 4 << 20;

    private const int FewestTables = 2;

    private readonly int _most = Math.Max(FewestTables, (int)(MostBytes / clusterBytes));
    private readonly Dictionary<int, Table> _tables = [];
    private readonly List<ulong> _offsets = [];
    private long _uses;

    /// <summary>Where each table is in the file, by index; 0 for one that was never used.</summary>
    internal IReadOnlyList<ulong> Offsets => _offsets;

    /// <summary>Was the table ever used? To ask for one makes it.</summary>
    internal bool Has(int index) => _tables.ContainsKey(index) || (index < _offsets.Count && _offsets[index] != 0);

    /// <summary>A table, to read and to change until the next call.</summary>
    internal Span<byte> this[int index]
    {
        get
        {
            if (!_tables.TryGetValue(index, out var table))
            {
                if (_tables.Count >= _most) WriteOut(_most / 2);
                table = new Table(new byte[clusterBytes]);
                if (index < _offsets.Count && _offsets[index] != 0) file.Read(_offsets[index], table.Bytes);
                _tables.Add(index, table);
            }

            table.LastUse = ++_uses;
            return table.Bytes;
        }
    }

    /// <summary>Gives a table its place now.</summary>
    internal void Place(int index)
    {
        while (_offsets.Count <= index) _offsets.Add(0);
        if (_offsets[index] == 0) _offsets[index] = allocator.Allocate(1);
    }

    /// <summary>Writes all that is in memory, and forgets it.</summary>
    internal void WriteOut() => WriteOut(_tables.Count);

    private void WriteOut(int count)
    {
        foreach (var (index, table) in _tables.OrderBy(entry => entry.Value.LastUse).Take(count).ToList())
        {
            Place(index);
            file.Write(_offsets[index], table.Bytes);
            _tables.Remove(index);
        }
    }

    private sealed class Table(byte[] bytes)
    {
        internal byte[] Bytes => bytes;

        internal long LastUse { get; set; }
    }
}
