using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>One key slot: the volume key, split and encrypted by what a passphrase derives to.</summary>
/// <param name="Number">Its number.</param>
/// <param name="KeyBytes">Length of the volume key, bytes.</param>
/// <param name="Kdf">Makes a key from a passphrase.</param>
/// <param name="Hash">Hash of the anti-forensic splitter.</param>
/// <param name="Stripes">Parts that the volume key is split into.</param>
/// <param name="Offset">Where they lie, bytes within the container.</param>
/// <param name="Cipher">Cipher that they are encrypted with.</param>
/// <param name="CipherKeyBytes">Length of its key, bytes.</param>
/// <param name="Digest">Tells whether a volume key is the right one.</param>
internal sealed record LuksKeySlot(
    int Number,
    int KeyBytes,
    LuksKdf Kdf,
    HashAlgorithmName Hash,
    int Stripes,
    long Offset,
    string Cipher,
    int CipherKeyBytes,
    LuksDigest Digest)
{
    /// <summary>Slots of a header at most: 8 of LUKS1, 32 of LUKS2 (LUKS2_KEYSLOTS_MAX of cryptsetup).</summary>
    public const int Most = 32;

    /// <summary>Longest volume key, bytes: those of the ciphers that are known need 64.</summary>
    public const int LongestKey = 512;

    /// <summary>Stripes that every tool makes (LUKS1 On-Disk Format 1.2.3, 2.4: LUKS_STRIPES), and the most that are read.</summary>
    public const int MostStripes = 4000;

    private const int SectorBytes = 512;

    /// <summary>The volume key, or <see langword="null"/> where the passphrase is not that of this slot (LUKS1 On-Disk Format 1.2.3, 4.3).</summary>
    /// <param name="container">The container.</param>
    /// <param name="passphrase">A passphrase.</param>
    /// <exception cref="VolumeProblem">The slot needs what is not supported.</exception>
    public byte[]? Open(Attach.IDiskReader container, ReadOnlySpan<byte> passphrase)
    {
        var split = new byte[(((KeyBytes * Stripes) + SectorBytes - 1) / SectorBytes) * SectorBytes];
        var derived = Kdf.Derive(passphrase, CipherKeyBytes);
        try
        {
            _ = container.ReadAt(split, Offset);
            using (var cipher = SectorCipher.Create(Cipher, derived, SectorBytes))
            {
                cipher.Decrypt(split, 0);
            }

            var key = AntiForensic.Merge(split.AsSpan(0, KeyBytes * Stripes), KeyBytes, Stripes, Hash);
            if (Digest.Fits(key))
            {
                return key;
            }

            CryptographicOperations.ZeroMemory(key);
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
            CryptographicOperations.ZeroMemory(split);
        }
    }
}
