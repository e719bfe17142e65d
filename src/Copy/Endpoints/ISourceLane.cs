using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>One thread's way to a source: reads in flight, answered in any order.</summary>
internal interface ISourceLane : IDisposable
{
    int InFlight { get; }

    /// <summary>The extents of a range, contiguous from <paramref name="offset"/>; at least one, perhaps reaching less or more far.</summary>
    IReadOnlyList<SourceExtent> Extents(ulong offset, ulong length);

    void Submit(ulong offset, uint length);

    /// <summary>Waits for any read.</summary>
    SourceData Receive();

    /// <summary>Gives the buffer of a <see cref="SourceData"/> back.</summary>
    void Return(NbdBuffer buffer);

    /// <summary>Wakes whoever waits in this lane, from any thread.</summary>
    void Shutdown();
}
