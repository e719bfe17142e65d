using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>The anti-forensic splitter: a key in many parts, all of which are needed (LUKS1 On-Disk Format 1.2.3, 2.4).</summary>
internal static class AntiForensic
{
    /// <summary>Puts a key together.</summary>
    /// <param name="split">Its parts, one after another.</param>
    /// <param name="keyBytes">Length of the key and of each part, bytes.</param>
    /// <param name="stripes">Number of the parts.</param>
    /// <param name="hash">The hash that diffuses.</param>
    public static byte[] Merge(ReadOnlySpan<byte> split, int keyBytes, int stripes, HashAlgorithmName hash)
    {
        var key = new byte[keyBytes];
        for (var stripe = 0; stripe < stripes; stripe++)
        {
            var part = split.Slice(stripe * keyBytes, keyBytes);
            for (var at = 0; at < keyBytes; at++)
            {
                key[at] ^= part[at];
            }

            if (stripe < stripes - 1)
            {
                Diffuse(key, hash);
            }
        }

        return key;
    }

    /// <summary>Each piece as long as the hash becomes the hash of its number and itself; the last is cut.</summary>
    private static void Diffuse(Span<byte> key, HashAlgorithmName hash)
    {
        Span<byte> message = stackalloc byte[4 + SHA512.HashSizeInBytes];
        Span<byte> digest = stackalloc byte[SHA512.HashSizeInBytes];
        uint number = 0;
        for (var rest = key; rest.Length > 0; number++)
        {
            var size = Math.Min(rest.Length, HashBytes(hash));
            BinaryPrimitives.WriteUInt32BigEndian(message, number);
            rest[..size].CopyTo(message[4..]);
            CryptographicOperations.HashData(hash, message[..(4 + size)], digest);
            digest[..size].CopyTo(rest);
            rest = rest[size..];
        }
    }

    private static int HashBytes(HashAlgorithmName hash)
        => hash == HashAlgorithmName.SHA1 ? SHA1.HashSizeInBytes
            : hash == HashAlgorithmName.SHA256 ? SHA256.HashSizeInBytes
            : hash == HashAlgorithmName.SHA384 ? SHA384.HashSizeInBytes
            : SHA512.HashSizeInBytes;
}
