using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>Makes a key from a passphrase, at a cost that the header sets and we bound.</summary>
internal abstract record LuksKdf
{
    /// <summary>Derives a key.</summary>
    /// <param name="passphrase">The passphrase.</param>
    /// <param name="length">Length of the key, bytes.</param>
    /// <exception cref="VolumeProblem">It needs what is not supported, or more than is allowed.</exception>
    public abstract byte[] Derive(ReadOnlySpan<byte> passphrase, int length);
}

/// <summary>PBKDF2 (RFC 8018, 5.2).</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Iterations">Its iterations.</param>
/// <param name="Salt">Its salt.</param>
internal sealed record Pbkdf2Kdf(HashAlgorithmName Hash, int Iterations, byte[] Salt) : LuksKdf
{
    /// <summary>Most iterations, about a minute: cryptsetup aims at one or two seconds of the machine that made the container.</summary>
    public const int MostIterations = 100_000_000;

    /// <inheritdoc/>
    public override byte[] Derive(ReadOnlySpan<byte> passphrase, int length) => Rfc2898DeriveBytes.Pbkdf2(passphrase, Salt, Iterations, Hash, length);
}

/// <summary>Argon2 (RFC 9106).</summary>
/// <param name="Type">Argon2i or Argon2id.</param>
/// <param name="Passes">Passes over the memory.</param>
/// <param name="MemoryKib">Memory, KiB.</param>
/// <param name="Lanes">Lanes, each filled by a thread.</param>
/// <param name="Salt">Its salt.</param>
internal sealed record Argon2Kdf(Argon2Type Type, uint Passes, uint MemoryKib, uint Lanes, byte[] Salt) : LuksKdf
{
    /// <summary>Most memory, KiB: 4 GiB, the most that cryptsetup writes into a header (its MAX_PBKDF_MEMORY).</summary>
    public const uint MostMemoryKib = 4 * 1024 * 1024;

    /// <summary>Most lanes; cryptsetup writes 4 at most.</summary>
    public const uint MostLanes = 16;

    /// <summary>Most passes times KiB: 64 passes over the largest memory, some minutes.</summary>
    public const ulong MostWork = 64UL * MostMemoryKib;

    /// <inheritdoc/>
    public override byte[] Derive(ReadOnlySpan<byte> passphrase, int length)
    {
        if (MemoryKib > MostMemoryKib)
        {
            throw new VolumeProblem($"its key slot asks for {MemoryKib >> 10} MiB of memory to derive a key; more than {MostMemoryKib >> 10} MiB, cryptsetup's own maximum, is refused");
        }

        return Lanes > MostLanes || Passes * (ulong)MemoryKib > MostWork
            ? throw new VolumeProblem($"its key slot asks for {Passes} passes over {MemoryKib} KiB by {Lanes} threads to derive a key: that is refused as too much work")
            : Argon2.Derive(Type, passphrase, Salt, Passes, MemoryKib, Lanes, length);
    }
}
