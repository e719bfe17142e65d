namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>Writes plain clusters: the image says where, the data goes there as it would into a raw file.</summary>
internal sealed class Qcow2TargetLane(Qcow2Image image, FileTargetDisk file) : ITargetLane
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

    public void Drain() => _file.Drain();

    public void Flush() => _file.Flush();

    public bool HasFailed => _file.HasFailed;

    public bool TakeFailed(out SourceExtent piece, out Exception error) => _file.TakeFailed(out piece, out error);

    public void Shutdown() => _file.Shutdown();

    public void Dispose() => _file.Dispose();
}
