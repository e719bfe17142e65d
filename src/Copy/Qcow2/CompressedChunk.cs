using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>
/// Host clusters of one lane that are filled with compressed ones, one after the other without gaps, and written in
/// large pieces. Lanes do not share host clusters, so none waits for another.
/// </summary>
internal sealed class CompressedChunk(Qcow2Image image, FileTargetLane file, ulong clusterBytes) : IDisposable
{
    /// <summary>At most one compressed cluster's length of it is lost at its end: a hundredth of the file, at 64 KiB.</summary>
    private const ulong ChunkBytes = 2 << 20;

    private readonly NbdBuffer _buffer = new((int)Math.Max(ChunkBytes, 2 * clusterBytes));
    private ulong _offset;
    private int _used;
    private int _written;

    /// <summary>Takes a compressed cluster.</summary>
    /// <returns>Where it will be in the file.</returns>
    internal ulong Append(ReadOnlySpan<byte> compressed)
    {
        if (_offset == 0 || _buffer.Capacity - _used < compressed.Length)
        {
            Write();
            _offset = image.AllocateChunk((ulong)_buffer.Capacity);
            (_used, _written) = (0, 0);
        }

        compressed.CopyTo(_buffer.Span[_used..]);
        _used += compressed.Length;
        return _offset + (ulong)(_used - compressed.Length);
    }

    /// <summary>Writes what was not written yet: whole pages, the first once more if it was written in part.</summary>
    internal void Write()
    {
        if (_written == _used) return;
        var from = _written / NbdBuffer.Alignment * NbdBuffer.Alignment;
        var to = (_used + NbdBuffer.Alignment - 1) / NbdBuffer.Alignment * NbdBuffer.Alignment;
        _buffer.Span[_used..to].Clear();
        file.Write(_offset + (ulong)from, _buffer.Span[from..to]);
        _written = _used;
    }

    public void Dispose() => _buffer.Dispose();
}
