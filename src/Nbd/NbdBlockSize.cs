namespace Hyper2Kvm.Nbd;

/// <summary>NBD_INFO_BLOCK_SIZE, in bytes: proto.md, "Block size constraints".</summary>
/// <param name="Minimum">Requests start and end on a multiple of this; a power of two, 1 to 64 KiB.</param>
/// <param name="Preferred">The size below which requests are slow; a power of two, at least 512 where advertised.</param>
/// <param name="Maximum">The longest payload of a read or a write.</param>
public sealed record NbdBlockSize(uint Minimum, uint Preferred, uint Maximum)
{
    /// <summary>The largest minimum that a server may have, in bytes.</summary>
    public const uint LargestMinimum = 64 * 1024;

    /// <summary>
    /// What a client may assume where the server advertises nothing: any alignment, 4 KiB preferred, 32 MiB at most.
    /// </summary>
    public static NbdBlockSize Default { get; } = new(1, 4096, 32 << 20);
}
