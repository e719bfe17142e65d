namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>Compresses clusters in the thread of its lane; those that do not get smaller, and parts of one, are written plain.</summary>
internal sealed class CompressingLane : ITargetLane
{
    private readonly Qcow2Image _image;
    private readonly Qcow2Geometry _geometry;
    private readonly Qcow2TargetLane _plain;
    private readonly CompressedChunk _chunk;
    private readonly byte[] _deflated;
    private byte[]? _lastCluster;

    internal CompressingLane(Qcow2Image image, Qcow2Geometry geometry, FileTargetDisk file)
    {
        (_image, _geometry) = (image, geometry);
        _plain = new Qcow2TargetLane(image, file);
        _chunk = new CompressedChunk(image, new FileTargetLane(file), geometry.ClusterBytes);
        _deflated = new byte[geometry.ClusterBytes];
    }

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        var plain = 0; // Neighbours that stay plain are written at once, when the next is not one of them.
        var at = 0;
        while (at < data.Length)
        {
            var length = (int)Math.Min(_geometry.ClusterBytes - ((offset + (ulong)at) % _geometry.ClusterBytes), (ulong)(data.Length - at));
            if (TryCompress(offset + (ulong)at, data.Slice(at, length)))
            {
                WritePlain(offset, data, plain, at);
                plain = at + length;
            }

            at += length;
        }

        WritePlain(offset, data, plain, at);
    }

    /// <summary>A range that is settled is in the file, whatever becomes of this lane.</summary>
    public void Drain()
    {
        _chunk.Write();
        _plain.Drain();
    }

    public void Flush() => _plain.Flush();

    public bool HasFailed => _plain.HasFailed;

    public bool TakeFailed(out SourceExtent piece, out Exception error) => _plain.TakeFailed(out piece, out error);

    public void Shutdown() => _plain.Shutdown();

    public void Dispose()
    {
        _chunk.Dispose();
        _plain.Dispose();
    }

    private bool TryCompress(ulong offset, ReadOnlySpan<byte> cluster)
    {
        if (offset % _geometry.ClusterBytes != 0) return false;
        if ((ulong)cluster.Length < _geometry.ClusterBytes)
        {
            // The last cluster of the disk is compressed with the zeroes that follow its end.
            if (offset + _geometry.ClusterBytes <= _geometry.DiskBytes) return false;
            _lastCluster ??= new byte[_geometry.ClusterBytes];
            cluster.CopyTo(_lastCluster);
            cluster = _lastCluster;
        }

        var length = ClusterDeflater.Compress(cluster, _deflated);
        if (length == 0) return false;
        return _image.SetCompressed(offset / _geometry.ClusterBytes, _chunk.Append(_deflated.AsSpan(0, length)), (uint)length);
    }

    private void WritePlain(ulong offset, ReadOnlySpan<byte> data, int from, int to)
    {
        if (from < to) _plain.Write(offset + (ulong)from, data[from..to]);
    }
}
