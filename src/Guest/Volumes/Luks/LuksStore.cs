using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>The bytes in an opened LUKS container: what dm-crypt would show.</summary>
internal sealed class LuksStore : IBlockStore, IDisposable
{
    private const int PieceBytes = 256 * 1024;

    /// <summary>Sectors are numbered in these, whatever is encrypted as one.</summary>
    private const int NumberedBytes = 512;

    private readonly VolumeMap _container;
    private readonly MapWriter _writer;
    private readonly LuksSegment _segment;
    private readonly byte[] _key;
    private readonly ConcurrentBag<SectorCipher> _ciphers = [];
    private readonly Lock _parts = new();

    /// <summary>Opens it.</summary>
    /// <param name="container">The container.</param>
    /// <param name="segment">Where its data lies.</param>
    /// <param name="key">The volume key; it is this store's from now on.</param>
    /// <exception cref="VolumeProblem">Its cipher is not supported.</exception>
    public LuksStore(VolumeMap container, LuksSegment segment, byte[] key)
    {
        _container = container;
        _writer = new MapWriter(container);
        _segment = segment;
        _key = key;
        _ciphers.Add(SectorCipher.Create(segment.Cipher, key, segment.SectorBytes));
    }

    /// <inheritdoc/>
    public long Length => _segment.Length;

    /// <inheritdoc/>
    public bool IsReadOnly => _container.IsReadOnly;

    /// <inheritdoc/>
    /// <remarks>As dm-crypt has it unless it is told otherwise: a hole would read as noise, and show which blocks are in use.</remarks>
    public bool CanTrim => false;

    /// <inheritdoc/>
    public int ReadAt(Span<byte> buffer, long offset)
    {
        var total = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        for (var done = 0; done < total;)
        {
            var piece = buffer[done..total];
            var within = (int)((offset + done) % _segment.SectorBytes);
            if (within == 0 && piece.Length >= _segment.SectorBytes)
            {
                piece = piece[..(Math.Min(piece.Length, PieceBytes) / _segment.SectorBytes * _segment.SectorBytes)];
                ReadSectors(piece, offset + done);
            }
            else
            {
                piece = piece[..Math.Min(piece.Length, _segment.SectorBytes - within)];
                ReadPart(piece, offset + done - within, within);
            }

            done += piece.Length;
        }

        return total;
    }

    /// <inheritdoc/>
    public void WriteAt(ReadOnlySpan<byte> data, long offset)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Math.Clamp(data.Length, _segment.SectorBytes, PieceBytes));
        try
        {
            for (var done = 0; done < data.Length;)
            {
                var piece = data[done..];
                var within = (int)((offset + done) % _segment.SectorBytes);
                if (within == 0 && piece.Length >= _segment.SectorBytes)
                {
                    piece = piece[..(Math.Min(piece.Length, PieceBytes) / _segment.SectorBytes * _segment.SectorBytes)];
                    var sectors = rented.AsSpan(0, piece.Length);
                    piece.CopyTo(sectors);
                    WriteSectors(sectors, offset + done);
                }
                else
                {
                    piece = piece[..Math.Min(piece.Length, _segment.SectorBytes - within)];
                    WritePart(piece, offset + done - within, within, rented.AsSpan(0, _segment.SectorBytes));
                }

                done += piece.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <inheritdoc/>
    public void Zero(long offset, long length)
    {
        var zeroes = new byte[Math.Min(length, PieceBytes)];
        for (var end = offset + length; offset < end;)
        {
            // Up to the end of a sector first, then whole ones.
            var within = (int)(offset % _segment.SectorBytes);
            var count = (int)Math.Min(within == 0 ? zeroes.Length : _segment.SectorBytes - within, Math.Min(zeroes.Length, end - offset));
            WriteAt(zeroes.AsSpan(0, count), offset);
            offset += count;
        }
    }

    /// <inheritdoc/>
    public void Trim(long offset, long length)
    {
    }

    /// <inheritdoc/>
    public void Flush() => _writer.Flush();

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        foreach (var cipher in _ciphers)
        {
            cipher.Dispose();
        }

        _ciphers.Clear();
    }

    private ulong SectorOf(long offset) => unchecked(_segment.FirstSector + ((ulong)offset / NumberedBytes));

    private void ReadPart(Span<byte> part, long sectorOffset, int within)
    {
        Span<byte> sector = stackalloc byte[_segment.SectorBytes];
        ReadSectors(sector, sectorOffset);
        sector.Slice(within, part.Length).CopyTo(part);
    }

    private void ReadSectors(Span<byte> sectors, long offset)
    {
        var count = _container.ReadAt(sectors, _segment.Offset + offset);
        sectors[count..].Clear();
        var cipher = Take();
        cipher.Decrypt(sectors, SectorOf(offset));
        _ciphers.Add(cipher);
    }

    private void WriteSectors(Span<byte> sectors, long offset)
    {
        var cipher = Take();
        cipher.Encrypt(sectors, SectorOf(offset));
        _ciphers.Add(cipher);
        _writer.Write(sectors, _segment.Offset + offset);
    }

    /// <summary>Two parts of one sector at a time: the later would put back what the earlier has replaced.</summary>
    private void WritePart(ReadOnlySpan<byte> part, long sectorOffset, int within, Span<byte> sector)
    {
        lock (_parts)
        {
            ReadSectors(sector, sectorOffset);
            part.CopyTo(sector[within..]);
            WriteSectors(sector, sectorOffset);
        }
    }

    private SectorCipher Take() => _ciphers.TryTake(out var cipher) ? cipher : SectorCipher.Create(_segment.Cipher, _key, _segment.SectorBytes);
}
