using Hyper2Kvm.Copy.Journal;

namespace Hyper2Kvm.Copy;

/// <summary>A disk to write.</summary>
internal interface ITargetDisk : IDisposable
{
    /// <summary>Tells this target from another: see <see cref="EndpointIdentity"/>.</summary>
    string Identity { get; }

    /// <summary>More than one lane may be open.</summary>
    bool ManyLanes { get; }

    /// <summary>Runs of zeroes shorter than this are written as data: a hole costs more than it saves.</summary>
    int SparseBlock { get; }

    /// <summary>What is written in whole multiples of this, in bytes, a power of two, is written best (a cluster) or only (a server's block).</summary>
    uint Alignment => 1;

    /// <summary>Does the range read as zeroes without our doing?</summary>
    bool IsZero(ulong offset, ulong length);

    ITargetLane OpenLane();

    /// <summary>Where finished ranges are, for the journal of a copy; nothing where they are where they are on the disk.</summary>
    ClusterRun[] PlacesOf(ByteRanges done) => [];

    /// <summary>Writes what can only be known when all data is there, such as the tables of an image. Once, when no lane is at work, before the last flush.</summary>
    void Complete()
    {
    }
}
