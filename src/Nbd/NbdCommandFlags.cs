namespace Hyper2Kvm.Nbd;

/// <summary>Flags of one request: proto.md, "Command flags".</summary>
[Flags]
public enum NbdCommandFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>NBD_CMD_FLAG_FUA: answer only when the data is on stable storage.</summary>
    Fua = 1 << 0,

    /// <summary>NBD_CMD_FLAG_NO_HOLE: write-zeroes has to allocate.</summary>
    NoHole = 1 << 1,

    /// <summary>NBD_CMD_FLAG_DF: answer a read in one chunk.</summary>
    DontFragment = 1 << 2,

    /// <summary>NBD_CMD_FLAG_REQ_ONE: block status answers one extent, within the request.</summary>
    RequestOne = 1 << 3,

    /// <summary>NBD_CMD_FLAG_FAST_ZERO: fail with ENOTSUP rather than write zeroes as data.</summary>
    FastZero = 1 << 4,
}
