using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>AES in CBC mode (NIST SP 800-38A, 6.2), each sector by itself; its vector is its number, or that encrypted by the key's hash (ESSIV).</summary>
internal sealed class CbcCipher : SectorCipher
{
    private readonly Aes _data;
    private readonly Aes? _salt;

    /// <summary>Makes one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isSalted">ESSIV with SHA-256, else the plain number.</param>
    /// <param name="isShort">Whether sectors are numbered by 32 bits.</param>
    /// <param name="sectorBytes">Bytes of a sector.</param>
    public CbcCipher(ReadOnlySpan<byte> key, bool isSalted, bool isShort, int sectorBytes)
        : base(isShort, sectorBytes)
    {
        _data = MakeAes(key);
        _salt = isSalted ? MakeAes(SHA256.HashData(key)) : null;
    }

    private protected override void DecryptPiece(Span<byte> data, Span<byte> vectors, Span<byte> scratch)
    {
        // All blocks at once, then each with the encrypted one before it.
        var blocks = scratch[..data.Length];
        var before = scratch.Slice(data.Length, data.Length);
        _data.DecryptEcb(data, blocks, PaddingMode.None);
        data[..^BlockBytes].CopyTo(before[BlockBytes..]);
        Salt(vectors);
        for (var sector = 0; sector < data.Length; sector += SectorBytes)
        {
            vectors.Slice(sector / SectorBytes * BlockBytes, BlockBytes).CopyTo(before[sector..]);
        }

        Combine(blocks, before);
        blocks.CopyTo(data);
    }

    private protected override void EncryptPiece(Span<byte> data, Span<byte> vectors, Span<byte> scratch)
    {
        Salt(vectors);
        for (var sector = 0; sector < data.Length; sector += SectorBytes)
        {
            var blocks = scratch[..SectorBytes];
            _data.EncryptCbc(data.Slice(sector, SectorBytes), vectors.Slice(sector / SectorBytes * BlockBytes, BlockBytes), blocks, PaddingMode.None);
            blocks.CopyTo(data[sector..]);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _data.Dispose();
        _salt?.Dispose();
    }

    private void Salt(Span<byte> vectors)
    {
        if (_salt is not null)
        {
            _ = _salt.EncryptEcb(vectors, vectors, PaddingMode.None);
        }
    }
}
