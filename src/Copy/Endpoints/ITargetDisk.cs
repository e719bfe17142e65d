namespace Hyper2Kvm.Copy;

/// <summary>A disk to write.</summary>
internal interface ITargetDisk : IDisposable
{
    /// <summary>More than one lane may be open.</summary>
    bool ManyLanes { get; }

    /// <summary>Runs of zeroes shorter than this are written as data: a hole costs more than it saves.</summary>
    int SparseBlock { get; }

    /// <summary>What is written in whole multiples of this, in bytes, a power of two, is written best: a cluster.</summary>
    uint Alignment => 1;

    /// <summary>The longest write in bytes.</summary>
    uint MaximumWrite { get; }

    /// <summary>Does the range read as zeroes without our doing?</summary>
    bool IsZero(ulong offset, ulong length);

    ITargetLane OpenLane();

    /// <summary>Writes what can only be known when all data is there, such as the tables of an image. Once, when no lane is at work, before the last flush.</summary>
    void Complete()
    {
    }
}
