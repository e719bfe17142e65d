namespace Hyper2Kvm.Copy;

/// <summary>A disk to write.</summary>
internal interface ITargetDisk : IDisposable
{
    /// <summary>More than one lane may be open.</summary>
    bool ManyLanes { get; }

    /// <summary>Runs of zeroes shorter than this are written as data: a hole costs more than it saves.</summary>
    int SparseBlock { get; }

    /// <summary>The longest write in bytes.</summary>
    uint MaximumWrite { get; }

    /// <summary>Does the range read as zeroes without our doing?</summary>
    bool IsZero(ulong offset, ulong length);

    ITargetLane OpenLane();
}
