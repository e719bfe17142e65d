namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>The L2 entry of a compressed cluster (qcow2.txt, "Compressed Clusters Descriptor").</summary>
internal static class CompressedDescriptor
{
    private const int SectorBits = 9;

    /// <summary>Describes compressed data by its first byte and the sectors that it reaches into beyond the first.</summary>
    /// <param name="clusterBits">log2 of the cluster size.</param>
    /// <param name="offset">In the file, bytes, of any alignment.</param>
    /// <param name="length">Bytes.</param>
    internal static ulong Make(int clusterBits, ulong offset, uint length)
    {
        var more = ((offset + length - 1) >> SectorBits) - (offset >> SectorBits);
        return ClusterMap.Compressed | (more << OffsetBits(clusterBits)) | offset;
    }

    /// <summary>The range of the file that a descriptor reaches into, in whole sectors.</summary>
    internal static (ulong Offset, ulong Length) Range(int clusterBits, ulong descriptor)
    {
        var bits = OffsetBits(clusterBits);
        var first = (descriptor & ((1UL << bits) - 1)) >> SectorBits;
        var more = (descriptor & ~ClusterMap.Compressed) >> bits;
        return (first << SectorBits, (more + 1) << SectorBits);
    }

    /// <summary>The x of the specification.</summary>
    private static int OffsetBits(int clusterBits) => 62 - (clusterBits - 8);
}
