namespace Hyper2Kvm.Nbd.Server;

/// <summary>Numbers of the protocol that only a server needs; the others are in <see cref="Wire"/>.</summary>
internal static class ServerWire
{
    // "Option types"
    internal const uint OptInfo = 6;
    internal const uint OptListMetaContext = 9;

    // "Option reply types", errors
    internal const uint RepErrInvalid = Wire.RepErrorBit | 3;
    internal const uint RepErrUnknown = Wire.RepErrorBit | 6;

    /// <summary>The flags of an export that is only read, and the same over every connection ("Transmission flags").</summary>
    internal const NbdTransmissionFlags Flags = NbdTransmissionFlags.HasFlags | NbdTransmissionFlags.ReadOnly | NbdTransmissionFlags.MultiConn;

    /// <summary>The flags of an export that can be written. Flushing covers all connections, see <see cref="IWritableServedDisk"/>.</summary>
    internal const NbdTransmissionFlags WritableFlags = NbdTransmissionFlags.HasFlags | NbdTransmissionFlags.Flush | NbdTransmissionFlags.Fua
        | NbdTransmissionFlags.Trim | NbdTransmissionFlags.WriteZeroes | NbdTransmissionFlags.MultiConn;

    /// <summary>The id of our one metadata context; any number will do ("NBD_REP_META_CONTEXT").</summary>
    internal const uint BaseAllocationId = 1;

    /// <summary>Zeroes after the answer to NBD_OPT_EXPORT_NAME, unless both sides set NO_ZEROES ("NBD_OPT_EXPORT_NAME").</summary>
    internal const int ExportNamePadding = 124;

    // Bounds of ours on what a client may send.

    /// <summary>Bytes of one option: a name of 4096 ("Protocol phases") and a few metadata contexts fit.</summary>
    internal const uint MaxOption = 64 * 1024;

    /// <summary>Options of one client: an honest one sends a handful.</summary>
    internal const int MaxOptions = 256;

    /// <summary>Extents in one answer; the client asks again for the rest.</summary>
    internal const int MaxExtents = 32 * 1024;

    /// <summary>Bytes of text in an error chunk: the protocol's bound on strings.</summary>
    internal const int MaxErrorText = 4096;
}
