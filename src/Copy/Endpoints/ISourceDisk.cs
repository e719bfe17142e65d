namespace Hyper2Kvm.Copy;

/// <summary>A disk to read. Opened once; its lanes are what threads read through.</summary>
internal interface ISourceDisk : IDisposable
{
    /// <summary>In bytes.</summary>
    ulong Size { get; }

    /// <summary>Tells this content from another: see <see cref="EndpointIdentity"/>.</summary>
    string Identity { get; }

    /// <summary>More than one lane may be open.</summary>
    bool ManyLanes { get; }

    /// <summary>The alignment of reads in bytes.</summary>
    uint MinimumBlock { get; }

    ISourceLane OpenLane();

    /// <summary>Once all is read: what was opened is still all there. A server tells the end of its disk with each request.</summary>
    /// <exception cref="FileSystemErrorException">It has become shorter.</exception>
    void MustBeWhole()
    {
    }
}
