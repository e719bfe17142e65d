using System.Buffers.Binary;
using Hyper2Kvm.Copy.Journal;

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

    /// <summary>The entries of a range of guest clusters that have a place, as few runs.</summary>
    /// <param name="first">The first cluster.</param>
    /// <param name="end">The one behind the last.</param>
    internal IEnumerable<ClusterRun> Runs(ulong first, ulong end)
    {
        var run = default(ClusterRun);
        for (var cluster = first; cluster < end;)
        {
            if (!_tables.Has((int)(cluster / geometry.L2Entries)))
            {
                cluster = (cluster / geometry.L2Entries * geometry.L2Entries) + geometry.L2Entries;
                continue;
            }

            var entry = this[cluster];
            var follows = run.Count > 0 && cluster == run.First + (ulong)run.Count && (entry & Copied) != 0 && entry == run.Entry + ((ulong)run.Count * geometry.ClusterBytes);
            if (entry != 0 && follows)
            {
                run = run with { Count = run.Count + 1 };
            }
            else if (entry != 0)
            {
                if (run.Count > 0) yield return run;
                run = new ClusterRun(cluster, entry, 1);
            }

            cluster++;
        }

        if (run.Count > 0) yield return run;
    }

    /// <summary>Writes the L2 tables, each allocated where it has no place yet.</summary>
    internal void Write() => _tables.WriteOut();

    private Span<byte> Entry(ulong cluster) =>
        _tables[(int)(cluster / geometry.L2Entries)].Slice((int)(cluster % geometry.L2Entries) * Qcow2Geometry.EntryBytes, Qcow2Geometry.EntryBytes);
}
