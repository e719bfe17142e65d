namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>The encrypted bytes of a container.</summary>
/// <param name="Offset">First byte, within the container.</param>
/// <param name="Length">Length, bytes; a multiple of <paramref name="SectorBytes"/>.</param>
/// <param name="FirstSector">Number of its first sector for the initialisation vectors, in sectors of 512 bytes (<c>iv_tweak</c>).</param>
/// <param name="Cipher">Cipher, mode and initialisation vector, <c>aes-xts-plain64</c>.</param>
/// <param name="SectorBytes">Bytes that are encrypted as one: 512 to 4096.</param>
internal sealed record LuksSegment(long Offset, long Length, ulong FirstSector, string Cipher, int SectorBytes);
