namespace Hyper2Kvm.Nbd;

/// <summary>What an export can do: proto.md, "Transmission flags".</summary>
[Flags]
public enum NbdTransmissionFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>NBD_FLAG_HAS_FLAGS: always set by a modern server.</summary>
    HasFlags = 1 << 0,

    /// <summary>NBD_FLAG_READ_ONLY: the export refuses writes.</summary>
    ReadOnly = 1 << 1,

    /// <summary>NBD_FLAG_SEND_FLUSH: NBD_CMD_FLUSH is there.</summary>
    Flush = 1 << 2,

    /// <summary>NBD_FLAG_SEND_FUA: NBD_CMD_FLAG_FUA is there.</summary>
    Fua = 1 << 3,

    /// <summary>NBD_FLAG_ROTATIONAL: the medium turns.</summary>
    Rotational = 1 << 4,

    /// <summary>NBD_FLAG_SEND_TRIM: NBD_CMD_TRIM is there.</summary>
    Trim = 1 << 5,

    /// <summary>NBD_FLAG_SEND_WRITE_ZEROES: NBD_CMD_WRITE_ZEROES is there.</summary>
    WriteZeroes = 1 << 6,

    /// <summary>NBD_FLAG_SEND_DF: NBD_CMD_FLAG_DF is there.</summary>
    DontFragment = 1 << 7,

    /// <summary>NBD_FLAG_CAN_MULTI_CONN: several connections see one cache, and a flush on one flushes all.</summary>
    MultiConn = 1 << 8,

    /// <summary>NBD_FLAG_SEND_RESIZE: an extension, unused here.</summary>
    Resize = 1 << 9,

    /// <summary>NBD_FLAG_SEND_CACHE: NBD_CMD_CACHE is there.</summary>
    Cache = 1 << 10,

    /// <summary>NBD_FLAG_SEND_FAST_ZERO: NBD_CMD_FLAG_FAST_ZERO is there.</summary>
    FastZero = 1 << 11,
}
