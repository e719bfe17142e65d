namespace Hyper2Kvm.Nbd;

/// <summary>
/// Gives a buffer to a read at the moment its first byte arrives, so that a deep queue of reads needs as much
/// memory as there are answers half received (nearly always one), and that memory stays in the cache.
/// </summary>
public interface INbdBufferSource
{
    /// <summary>A buffer with room for at least so many bytes. The consumer of the completion owns it then.</summary>
    /// <param name="length">Bytes.</param>
    NbdBuffer Rent(int length);
}
