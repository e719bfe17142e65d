using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>AES in XTS mode (IEEE 1619; NIST SP 800-38E). .NET has none, so of its ECB: many blocks at a time.</summary>
internal sealed class XtsCipher : SectorCipher
{
    /// <summary>x^128 in GF(2^128) modulo x^128 + x^7 + x^2 + x + 1 (IEEE 1619, 5.2).</summary>
    private const ulong Reduction = 0x87;

    private readonly Aes _data;
    private readonly Aes _tweak;

    /// <summary>Makes one.</summary>
    /// <param name="key">Two keys, one after another: that of the data and that of the tweaks.</param>
    /// <param name="isShort">Whether sectors are numbered by 32 bits.</param>
    /// <param name="sectorBytes">Bytes of a sector.</param>
    public XtsCipher(ReadOnlySpan<byte> key, bool isShort, int sectorBytes)
        : base(isShort, sectorBytes)
    {
        _data = MakeAes(key[..(key.Length / 2)]);
        _tweak = MakeAes(key[(key.Length / 2)..]);
    }

    private protected override void DecryptPiece(Span<byte> data, Span<byte> vectors, Span<byte> scratch) => Apply(data, vectors, scratch, isEncrypting: false);

    private protected override void EncryptPiece(Span<byte> data, Span<byte> vectors, Span<byte> scratch) => Apply(data, vectors, scratch, isEncrypting: true);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _data.Dispose();
        _tweak.Dispose();
    }

    /// <summary>Each block is combined with its tweak before and after (IEEE 1619, 5.3.1).</summary>
    private void Apply(Span<byte> data, Span<byte> vectors, Span<byte> scratch, bool isEncrypting)
    {
        var tweaks = scratch[..data.Length];
        var blocks = scratch.Slice(data.Length, data.Length);
        MakeTweaks(vectors, tweaks);
        Combine(data, tweaks);
        _ = isEncrypting ? _data.EncryptEcb(data, blocks, PaddingMode.None) : _data.DecryptEcb(data, blocks, PaddingMode.None);
        Combine(blocks, tweaks);
        blocks.CopyTo(data);
    }

    /// <summary>The tweak of a sector's first block is its number encrypted; that of each other is that of the block before, times x.</summary>
    private void MakeTweaks(Span<byte> vectors, Span<byte> tweaks)
    {
        _ = _tweak.EncryptEcb(vectors, vectors, PaddingMode.None);
        var words = MemoryMarshal.Cast<byte, ulong>(tweaks);
        var at = 0;
        for (var sector = 0; sector < vectors.Length; sector += BlockBytes)
        {
            var low = BinaryPrimitives.ReadUInt64LittleEndian(vectors[sector..]);
            var high = BinaryPrimitives.ReadUInt64LittleEndian(vectors[(sector + sizeof(ulong))..]);
            for (var block = 0; block < SectorBytes / BlockBytes; block++)
            {
                words[at++] = BitConverter.IsLittleEndian ? low : BinaryPrimitives.ReverseEndianness(low);
                words[at++] = BitConverter.IsLittleEndian ? high : BinaryPrimitives.ReverseEndianness(high);
                var carry = (ulong)((long)high >> 63) & Reduction;
                high = (high << 1) | (low >> 63);
                low = (low << 1) ^ carry;
            }
        }
    }
}
