using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>Tells whether a volume key is the right one: PBKDF2 over it (LUKS2 On-Disk Format 1.1.3, 3.5; LUKS1: <c>mk-digest</c>).</summary>
/// <param name="Hash">Hash of PBKDF2.</param>
/// <param name="Iterations">Its iterations.</param>
/// <param name="Salt">Its salt.</param>
/// <param name="Value">What it has to give.</param>
internal sealed record LuksDigest(HashAlgorithmName Hash, int Iterations, byte[] Salt, byte[] Value)
{
    /// <summary>Whether this is the key.</summary>
    /// <param name="key">A volume key.</param>
    public bool Fits(ReadOnlySpan<byte> key)
        => CryptographicOperations.FixedTimeEquals(Rfc2898DeriveBytes.Pbkdf2(key, Salt, Iterations, Hash, Value.Length), Value);
}
