using System.Buffers.Binary;

namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>Where each guest cluster is: the L2 tables (qcow2.txt, "Cluster mapping"). One thread at a time.</summary>
internal sealed class ClusterMap(ImageFile file, ClusterAllocator allocator, Qcow2Geometry geometry)
{
    /// <summary>Bit 63 of an L1 or L2 entry: the refcount of what it points to is exactly one.</summary>
    internal const ulong Copied = 1UL << 63;

    /// <summary>Bit 62 of an L2 entry: a compressed cluster.</summary>
    internal const ulong Compressed = 1UL << 62;

    private readonly TableCache _tables = new(file, allocator, geometry.ClusterBytes);

    /// <summary>Where the L2 tables are; complete after <see cref="Write"/>.</summary>
    internal IReadOnlyList<ulong> Tables => _tables.Offsets;

    /// <summary>The L2 entry of a guest cluster; 0: not allocated, it reads as zeroes.</summary>
    internal ulong this[ulong cluster]
    {
        get => BinaryPrimitives.ReadUInt64BigEndian(Entry(cluster));
        set => BinaryPrimitives.WriteUInt64BigEndian(Entry(cluster), value);
    }

    /// <summary>Writes the L2 tables, each allocated where it has no place yet.</summary>
    internal void Write() => _tables.WriteOut();

    private Span<byte> Entry(ulong cluster) =>
        _tables[(int)(cluster / geometry.L2Entries)].Slice((int)(cluster % geometry.L2Entries) * Qcow2Geometry.EntryBytes, Qcow2Geometry.EntryBytes);
}
