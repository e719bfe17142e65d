using System.Buffers.Binary;

namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>
/// How often each host cluster is used (qcow2.txt, "Host cluster management"): once for data and tables; for one that
/// holds compressed clusters, as often as those touch it. One thread at a time.
/// </summary>
internal sealed class Refcounts(ImageFile file, ClusterAllocator allocator, Qcow2Geometry geometry)
{
    private readonly TableCache _blocks = new(file, allocator, geometry.ClusterBytes);

    /// <summary>Adds to all clusters that a range of the file touches.</summary>
    /// <param name="offset">Bytes.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="change">1, or -1.</param>
    internal void Add(ulong offset, ulong length, int change = 1)
    {
        var last = (offset + length - 1) / geometry.ClusterBytes;
        for (var cluster = offset / geometry.ClusterBytes; cluster <= last; cluster++)
        {
            var block = _blocks[(int)(cluster / geometry.RefcountsPerBlock)];
            var entry = block[(int)(cluster % geometry.RefcountsPerBlock * Qcow2Geometry.RefcountBytes)..];
            BinaryPrimitives.WriteUInt16BigEndian(entry, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(entry) + change));
        }
    }

    /// <summary>Allocates and writes the blocks and their table. Nothing may be allocated afterwards.</summary>
    /// <returns>Where the table is, and its clusters.</returns>
    internal (ulong Offset, uint Clusters) Write()
    {
        var (blocks, tableClusters) = Needed();
        for (var i = 0; i < blocks; i++) _blocks.Place(i);
        var table = allocator.Allocate(tableClusters);
        Add(table, tableClusters * geometry.ClusterBytes);
        foreach (var block in _blocks.Offsets) Add(block, geometry.ClusterBytes);
        _blocks.WriteOut();
        file.Write(table, Entries(_blocks.Offsets, flags: 0));
        return (table, (uint)tableClusters);
    }

    /// <summary>The offsets of tables as entries of the table above them.</summary>
    internal static byte[] Entries(IReadOnlyList<ulong> offsets, ulong flags)
    {
        var bytes = new byte[offsets.Count * Qcow2Geometry.EntryBytes];
        for (var i = 0; i < offsets.Count; i++)
        {
            if (offsets[i] != 0) BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(i * Qcow2Geometry.EntryBytes), offsets[i] | flags);
        }

        return bytes;
    }

    /// <summary>Blocks count themselves and their table, too: one more, until they suffice.</summary>
    private (int Blocks, ulong TableClusters) Needed()
    {
        var used = allocator.End / geometry.ClusterBytes;
        var placed = _blocks.Offsets.Count(offset => offset != 0);
        for (var blocks = (int)Qcow2Geometry.Divide(used, geometry.RefcountsPerBlock); ; blocks++)
        {
            var tableClusters = Qcow2Geometry.Divide((ulong)blocks * Qcow2Geometry.EntryBytes, geometry.ClusterBytes);
            if (used + (ulong)(blocks - placed) + tableClusters <= (ulong)blocks * geometry.RefcountsPerBlock) return (blocks, tableClusters);
        }
    }
}
