namespace Hyper2Kvm.Copy;

/// <summary>Takes everything and keeps nothing: where a disk is only read.</summary>
/// <param name="identity">What it stands for.</param>
internal sealed class DiscardTargetDisk(string identity) : ITargetDisk, ITargetLane
{
    public string Identity => identity;

    public bool ManyLanes => true;

    public int SparseBlock => int.MaxValue;

    public bool HasFailed => false;

    public bool IsZero(ulong offset, ulong length) => true;

    public ITargetLane OpenLane() => this;

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        // Nothing is kept.
    }

    public void Drain()
    {
        // Nothing is under way.
    }

    public void Flush()
    {
        // Nothing is there to be flushed.
    }

    public bool TakeFailed(out SourceExtent piece, out Exception error)
    {
        (piece, error) = (default, null!);
        return false;
    }

    public void Shutdown()
    {
        // Nobody waits here.
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
