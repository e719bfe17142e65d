namespace Hyper2Kvm.Copy;

/// <summary>One thread's way to a target.</summary>
internal interface ITargetLane : IDisposable
{
    /// <summary>
    /// Writes, or starts to: when it returns the memory may be reused. The memory starts on a page. Failed writes are
    /// thrown, or kept for <see cref="TakeFailed"/>.
    /// </summary>
    void Write(ulong offset, ReadOnlySpan<byte> data);

    /// <summary>Takes a range from the source without its bytes passing through here, if both ends can do that together.</summary>
    /// <returns>False: it is to be read and written.</returns>
    bool TryCopyFrom(ISourceLane source, SourceExtent extent) => false;

    /// <summary>Makes a range read as zeroes. Not asked of a target that is zero by itself (<see cref="ITargetDisk.IsZero"/>).</summary>
    /// <exception cref="OperationCanceledException">Cancelled, where zeroes are written as data.</exception>
    void Zero(ulong offset, ulong length, CancellationToken cancellation) => throw new NotSupportedException("zeroes are never written here");

    /// <summary>Waits until all that was started is answered.</summary>
    void Drain();

    /// <summary>All that was answered, on any lane of this disk, is on stable storage when this returns.</summary>
    void Flush();

    /// <summary>There is something for <see cref="TakeFailed"/>.</summary>
    bool HasFailed { get; }

    /// <summary>A write that failed in a way that may pass and was not reported otherwise, to be done again.</summary>
    bool TakeFailed(out SourceExtent piece, out Exception error);

    /// <summary>Wakes whoever waits in this lane, from any thread.</summary>
    void Shutdown();
}
