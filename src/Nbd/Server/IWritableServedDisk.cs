namespace Hyper2Kvm.Nbd.Server;

/// <summary>A disk that an <see cref="NbdListener"/> serves for writing too. Every member is called by many threads at once, offset and length within the size.</summary>
/// <remarks>
/// What a member has returned from, every later <see cref="IServedDisk.Read"/> sees, whatever the connection; and <see cref="Flush"/> covers the writes
/// of all connections: so the export says NBD_FLAG_CAN_MULTI_CONN (proto.md, "Transmission flags").
/// </remarks>
public interface IWritableServedDisk : IServedDisk
{
    /// <summary>Writes; durable only after <see cref="Flush"/>.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="data">What.</param>
    /// <exception cref="ServedDiskException">Not all of it could be written.</exception>
    void Write(ulong offset, ReadOnlySpan<byte> data);

    /// <summary>Makes a range read as zeroes ("NBD_CMD_WRITE_ZEROES").</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="length">How much, in bytes.</param>
    /// <exception cref="ServedDiskException">Not all of it could be written.</exception>
    void Zero(ulong offset, ulong length);

    /// <summary>Says that the content of a range is of no more use ("NBD_CMD_TRIM"). May do nothing.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="length">How much, in bytes.</param>
    /// <exception cref="ServedDiskException">The disk is broken.</exception>
    void Trim(ulong offset, ulong length);

    /// <summary>Makes durable all that was written before ("NBD_CMD_FLUSH").</summary>
    /// <exception cref="ServedDiskException">A write was lost.</exception>
    void Flush();
}
