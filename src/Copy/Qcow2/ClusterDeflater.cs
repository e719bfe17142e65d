namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>Compresses one cluster as QEMU does (qcow2_zlib_compress of its block/qcow2-threads.c): raw deflate, level 6, window of 4 KiB.</summary>
internal static unsafe class ClusterDeflater
{
    private const int Level = 6;

    /// <summary>Negative: no zlib header. QEMU inflates with a window of so many bits, so matches must not reach further back.</summary>
    private const int WindowBits = -12;

    private const int MemoryLevel = 9;

    /// <summary>Compresses.</summary>
    /// <param name="cluster">All of it.</param>
    /// <param name="output">At least as long.</param>
    /// <returns>Bytes of the result; 0 if it is not smaller than the cluster.</returns>
    internal static int Compress(ReadOnlySpan<byte> cluster, Span<byte> output)
    {
        ZlibNative.Stream stream = default;
        if (ZlibNative.Init(&stream, Level, ZlibNative.Deflated, WindowBits, MemoryLevel, 0) != ZlibNative.Ok) throw new InsufficientMemoryException("deflate cannot start");
        try
        {
            fixed (byte* from = cluster, to = output)
            {
                stream.NextIn = from;
                stream.AvailableIn = (uint)cluster.Length;
                stream.NextOut = to;
                stream.AvailableOut = (uint)cluster.Length - 1;
                return ZlibNative.Deflate(&stream, ZlibNative.Finish) == ZlibNative.StreamEnd ? cluster.Length - 1 - (int)stream.AvailableOut : 0;
            }
        }
        finally
        {
            _ = ZlibNative.End(&stream);
        }
    }
}
