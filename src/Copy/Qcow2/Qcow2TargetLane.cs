namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>Writes plain clusters: the image says where, the data goes there as it would into a raw file.</summary>
internal sealed class Qcow2TargetLane(Qcow2Image image, Qcow2Geometry geometry, FileTargetDisk file) : ITargetLane
{
    private readonly FileTargetLane _file = new(file);
    private readonly List<HostRun> _runs = [];

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        image.Place(offset, data.Length, _runs);
        foreach (var run in _runs)
        {
            _file.Write(run.Offset, data[..run.Length]);
            data = data[run.Length..];
        }
    }

    /// <summary>Clusters without a place are zero anyway. What was written before is written over.</summary>
    public void Zero(ulong offset, ulong length, CancellationToken cancellation)
    {
        var zeroes = new byte[geometry.ClusterBytes];
        for (var end = offset + length; offset < end;)
        {
            var part = Math.Min(geometry.ClusterBytes - (offset % geometry.ClusterBytes), end - offset);
            if (image.IsAllocated(offset / geometry.ClusterBytes)) Write(offset, zeroes.AsSpan(0, (int)part));
            offset += part;
        }
    }

    public void Drain() => _file.Drain();

    public void Flush() => _file.Flush();

    public bool HasFailed => _file.HasFailed;

    public bool TakeFailed(out SourceExtent piece, out Exception error) => _file.TakeFailed(out piece, out error);

    public void Shutdown() => _file.Shutdown();

    public void Dispose() => _file.Dispose();
}
