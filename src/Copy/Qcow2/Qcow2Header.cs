using System.Buffers.Binary;

namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>The header of version 3, compat 1.1 (qcow2.txt, "Header").</summary>
internal static class Qcow2Header
{
    private const uint Magic = 0x514649FB; // "QFI\xfb"
    private const uint Version = 3;

    /// <summary>Without the byte for the compression type, which then is deflate.</summary>
    private const uint Length = 104;

    /// <summary>The end of the header extensions: type 0, length 0.</summary>
    private const int EndOfExtensions = 8;

    /// <summary>All other fields are 0: no backing file, no encryption, no snapshots, no feature bits, not dirty.</summary>
    internal static byte[] Make(Qcow2Geometry geometry, ulong l1Offset, ulong refcountTable, uint refcountTableClusters)
    {
        var bytes = new byte[Length + EndOfExtensions];
        void Put32(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), value);
        void Put64(int at, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(at), value);
        Put32(0, Magic);
        Put32(4, Version);
        Put32(20, (uint)geometry.ClusterBits);
        Put64(24, geometry.DiskBytes);
        Put32(36, (uint)geometry.L1Entries);
        Put64(40, l1Offset);
        Put64(48, refcountTable);
        Put32(56, refcountTableClusters);
        Put32(96, Qcow2Geometry.RefcountOrder);
        Put32(100, Length);
        return bytes;
    }
}
