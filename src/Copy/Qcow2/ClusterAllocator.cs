namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>
/// Hands out host clusters, always at the end of the file: a fresh image has no holes to fill, and what is asked for at
/// once lies in one piece, so that one large write fills it. One thread at a time.
/// </summary>
internal sealed class ClusterAllocator
{
    /// <summary>
    /// The file is made longer (not larger: it is a hole) in such steps. A direct write that grows a file takes its lock
    /// alone (ext4_dio_write_checks of Linux), and the lanes would wait for each other.
    /// </summary>
    private const ulong Step = 1UL << 30;

    private readonly ImageFile _file;
    private readonly ulong _clusterBytes;
    private ulong _length;

    internal ClusterAllocator(ImageFile file, ulong clusterBytes)
    {
        (_file, _clusterBytes) = (file, clusterBytes);
        End = clusterBytes; // The first cluster is the header's (qcow2.txt, "Header").
    }

    /// <summary>Where the next cluster goes, bytes.</summary>
    internal ulong End { get; private set; }

    /// <summary>So many clusters in one piece.</summary>
    /// <returns>Offset in the file, bytes.</returns>
    internal ulong Allocate(ulong clusters)
    {
        var start = End;
        End += clusters * _clusterBytes;
        if (End > _length)
        {
            _length = Qcow2Geometry.RoundUp(End, Step);
            _file.SetLength(_length);
        }

        return start;
    }

    /// <summary>Goes on behind what an earlier run has left: what else is in the file is cut off, so that it reads as zeroes there.</summary>
    /// <param name="end">Bytes, a multiple of the cluster size.</param>
    internal void GoOnFrom(ulong end)
    {
        End = Math.Max(End, end);
        _length = End;
        _file.SetLength(End);
    }

    /// <summary>Gives the file its space at once.</summary>
    internal void Reserve(ulong bytes)
    {
        _file.Reserve(bytes);
        _length = bytes;
    }

    /// <summary>Cuts the file after the last cluster.</summary>
    internal void Trim() => _file.SetLength(End);
}
