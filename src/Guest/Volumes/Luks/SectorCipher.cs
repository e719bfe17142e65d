using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>Encrypts sectors as dm-crypt does (Linux: Documentation/admin-guide/device-mapper/dm-crypt.rst). For one thread at a time.</summary>
internal abstract class SectorCipher : IDisposable
{
    /// <summary>Bytes of a block of AES, and of an initialisation vector.</summary>
    protected const int BlockBytes = 16;

    /// <summary>Sectors are numbered in these, whatever is encrypted as one.</summary>
    private const int NumberedBytes = 512;

    /// <summary>Encrypted in one go: fits a processor's second cache.</summary>
    private const int PieceBytes = 64 * 1024;

    private readonly bool _isShort;

    private protected SectorCipher(bool isShort, int sectorBytes)
    {
        _isShort = isShort;
        SectorBytes = sectorBytes;
    }

    private delegate void Work(Span<byte> data, Span<byte> vectors, Span<byte> scratch);

    /// <summary>Bytes that are encrypted as one.</summary>
    protected int SectorBytes { get; }

    /// <summary>Makes a cipher.</summary>
    /// <param name="specification">Cipher, mode and initialisation vector: <c>aes-xts-plain64</c>, <c>aes-cbc-essiv:sha256</c>.</param>
    /// <param name="key">The key.</param>
    /// <param name="sectorBytes">Bytes that are encrypted as one, a power of two from 512 to 4096.</param>
    /// <exception cref="VolumeProblem">It is not supported, or the key is not of its length.</exception>
    public static SectorCipher Create(string specification, ReadOnlySpan<byte> key, int sectorBytes)
    {
        // plain is plain64 cut to 32 bits, "for compatibility".
        var isShort = specification.EndsWith("-plain", StringComparison.Ordinal);
        return (specification, key.Length) switch
        {
            ("aes-xts-plain64" or "aes-xts-plain", 32 or 48 or 64) => new XtsCipher(key, isShort, sectorBytes),
            ("aes-cbc-plain64" or "aes-cbc-plain", 16 or 24 or 32) => new CbcCipher(key, isSalted: false, isShort, sectorBytes),
            ("aes-cbc-essiv:sha256", 16 or 24 or 32) => new CbcCipher(key, isSalted: true, isShort, sectorBytes),
            _ => throw (IsKnown(specification)
                ? new VolumeProblem($"a key of {key.Length * 8} bits is none for the cipher {specification}")
                : new VolumeProblem($"the cipher {LuksText.Quote(specification)} is not supported (aes-xts-plain64, aes-cbc-essiv:sha256 and aes-cbc-plain64 are)")),
        };
    }

    /// <summary>Whether a cipher is supported.</summary>
    /// <param name="specification">As headers have it.</param>
    public static bool IsKnown(string specification)
        => specification is "aes-xts-plain64" or "aes-xts-plain" or "aes-cbc-essiv:sha256" or "aes-cbc-plain64" or "aes-cbc-plain";

    /// <summary>Decrypts whole sectors in place.</summary>
    /// <param name="data">The sectors.</param>
    /// <param name="firstSector">Number of the first, in sectors of 512 bytes.</param>
    public void Decrypt(Span<byte> data, ulong firstSector) => Each(data, firstSector, DecryptPiece);

    /// <summary>Encrypts whole sectors in place.</summary>
    /// <param name="data">The sectors.</param>
    /// <param name="firstSector">Number of the first, in sectors of 512 bytes.</param>
    public void Encrypt(Span<byte> data, ulong firstSector) => Each(data, firstSector, EncryptPiece);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Decrypts some sectors.</summary>
    /// <param name="data">The sectors.</param>
    /// <param name="vectors">Their numbers as 16 bytes, little-endian; may be changed.</param>
    /// <param name="scratch">Twice as much room as the sectors take.</param>
    private protected abstract void DecryptPiece(Span<byte> data, Span<byte> vectors, Span<byte> scratch);

    /// <summary>Encrypts some sectors.</summary>
    /// <param name="data">The sectors.</param>
    /// <param name="vectors">Their numbers as 16 bytes, little-endian; may be changed.</param>
    /// <param name="scratch">Twice as much room as the sectors take.</param>
    private protected abstract void EncryptPiece(Span<byte> data, Span<byte> vectors, Span<byte> scratch);

    /// <summary>Gives its keys back.</summary>
    /// <param name="disposing">Whether it is not the finaliser that calls.</param>
    protected abstract void Dispose(bool disposing);

    private protected static Aes MakeAes(ReadOnlySpan<byte> key)
    {
        var aes = Aes.Create();
        aes.SetKey(key);
        return aes;
    }

    /// <summary>Combines by exclusive or, in place.</summary>
    private protected static void Combine(Span<byte> data, ReadOnlySpan<byte> with)
    {
        var words = MemoryMarshal.Cast<byte, Vector<byte>>(data);
        var others = MemoryMarshal.Cast<byte, Vector<byte>>(with[..data.Length]);
        for (var at = 0; at < words.Length; at++)
        {
            words[at] ^= others[at];
        }

        for (var at = words.Length * Vector<byte>.Count; at < data.Length; at++)
        {
            data[at] ^= with[at];
        }
    }

    private void Each(Span<byte> data, ulong firstSector, Work work)
    {
        if (data.Length % SectorBytes != 0)
        {
            throw new ArgumentException($"{data.Length} bytes are no whole sectors of {SectorBytes}", nameof(data));
        }

        var most = Math.Min(PieceBytes, data.Length);
        var vectorBytes = most / SectorBytes * BlockBytes;
        var rented = ArrayPool<byte>.Shared.Rent((2 * most) + vectorBytes);
        try
        {
            for (var done = 0; done < data.Length; done += most)
            {
                var piece = data.Slice(done, Math.Min(most, data.Length - done));
                var vectors = rented.AsSpan(2 * most, piece.Length / SectorBytes * BlockBytes);
                Number(vectors, unchecked(firstSector + ((ulong)done / NumberedBytes)));
                work(piece, vectors, rented.AsSpan(0, 2 * most));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    private void Number(Span<byte> vectors, ulong first)
    {
        vectors.Clear();
        for (var (at, sector) = (0, first); at < vectors.Length; at += BlockBytes)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(vectors[at..], _isShort ? (uint)sector : sector);
            sector = unchecked(sector + ((ulong)SectorBytes / NumberedBytes));
        }
    }
}
