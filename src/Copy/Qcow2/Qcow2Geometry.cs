using System.Numerics;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>The numbers of an image that follow from its size and its cluster size (docs/interop/qcow2.txt of QEMU).</summary>
internal sealed class Qcow2Geometry
{
    /// <summary>Bytes of an entry of an L1, L2 or refcount table.</summary>
    internal const int EntryBytes = 8;

    /// <summary>Refcounts of 16 bits: refcount_order 4, QEMU's default.</summary>
    internal const int RefcountOrder = 4;

    internal const int RefcountBytes = 2;

    /// <summary>The unit of a disk's size (BDRV_SECTOR_SIZE): QEMU counts it in whole sectors.</summary>
    internal const ulong Sector = 512;

    internal Qcow2Geometry(ulong diskBytes, Qcow2Options options)
    {
        ClusterBytes = (uint)options.ClusterBytes;
        DiskBytes = RoundUp(diskBytes, Sector);
        Clusters = Divide(DiskBytes, ClusterBytes);
        L1Entries = (int)Divide(Clusters, L2Entries);
    }

    internal ulong ClusterBytes { get; }

    internal int ClusterBits => BitOperations.Log2(ClusterBytes);

    /// <summary>What the guest sees.</summary>
    internal ulong DiskBytes { get; }

    /// <summary>Guest clusters; the last may reach beyond the end of the disk.</summary>
    internal ulong Clusters { get; }

    /// <summary>Entries of one L2 table, which is one cluster.</summary>
    internal uint L2Entries => (uint)ClusterBytes / EntryBytes;

    internal int L1Entries { get; }

    internal uint RefcountsPerBlock => (uint)ClusterBytes / RefcountBytes;

    /// <summary>Bytes of a file whose guest clusters are all allocated, tables included; a little more than that.</summary>
    internal ulong WholeFileBytes
    {
        get
        {
            var clusters = 1 + Clusters + (ulong)L1Entries + Divide((ulong)L1Entries * EntryBytes, ClusterBytes);
            var blocks = Divide(clusters, RefcountsPerBlock - 1) + 1;
            return (clusters + blocks + Divide(blocks * EntryBytes, ClusterBytes) + 1) * ClusterBytes;
        }
    }

    internal static ulong Divide(ulong value, ulong by) => (value + by - 1) / by;

    internal static ulong RoundUp(ulong value, ulong to) => Divide(value, to) * to;
}
