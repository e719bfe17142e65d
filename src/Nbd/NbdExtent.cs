namespace Hyper2Kvm.Nbd;

/// <summary>A range with one status: proto.md, "NBD_REPLY_TYPE_BLOCK_STATUS".</summary>
/// <param name="Offset">Where it starts, in bytes.</param>
/// <param name="Length">Its length in bytes, never 0.</param>
/// <param name="Flags">
/// Status flags, with the meaning that the metadata context gives them. For <c>base:allocation</c> bit 0 is
/// NBD_STATE_HOLE and bit 1 NBD_STATE_ZERO; for <c>qemu:dirty-bitmap:NAME</c> bit 0 is dirty.
/// </param>
public readonly record struct NbdExtent(ulong Offset, ulong Length, uint Flags)
{
    /// <summary>The first byte behind it.</summary>
    public ulong End => Offset + Length;

    /// <summary><c>base:allocation</c>: NBD_STATE_HOLE, nothing is allocated.</summary>
    public bool IsHole => (Flags & 1) != 0;

    /// <summary><c>base:allocation</c>: NBD_STATE_ZERO, reads as zeroes.</summary>
    public bool IsZero => (Flags & 2) != 0;
}
