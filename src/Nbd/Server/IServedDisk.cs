namespace Hyper2Kvm.Nbd.Server;

/// <summary>A disk that an <see cref="NbdListener"/> serves, for reading only unless it is an <see cref="IWritableServedDisk"/>. Every member is called by many threads at once.</summary>
public interface IServedDisk
{
    /// <summary>Size in bytes.</summary>
    ulong Size { get; }

    /// <summary>The read that costs least for its length, in bytes; a power of two (proto.md, "Block size constraints").</summary>
    uint PreferredBlock { get; }

    /// <summary>Fills all of a buffer.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="into">Where the data goes; offset and length lie within <see cref="Size"/>.</param>
    /// <exception cref="ServedDiskException">The data cannot be had.</exception>
    void Read(ulong offset, Span<byte> into);

    /// <summary>The status of what begins at an offset: <c>base:allocation</c>.</summary>
    /// <param name="offset">Where, in bytes; below <see cref="Size"/>.</param>
    /// <param name="end">Where the question ends: looking further is of no use.</param>
    /// <returns>An extent that starts at <paramref name="offset"/>; neighbours of the same kind may follow it.</returns>
    NbdExtent ExtentAt(ulong offset, ulong end);
}
