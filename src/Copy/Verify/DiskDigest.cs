using System.Security.Cryptography;

namespace Hyper2Kvm.Copy.Verify;

/// <summary>
/// A digest of a whole disk that many threads compute at once, in any order, and that costs nothing where the disk is
/// known to be zero: SHA-256 over the digests of the chunks of 64 MiB, each of which is SHA-256 over the digests of its
/// leaves of 64 KiB (the last of each may be short). <c>docs/copy.md</c> shows how to compute it with other tools.
/// </summary>
/// <param name="size">Of the disk, in bytes.</param>
internal sealed class DiskDigest(ulong size)
{
    /// <summary>Bytes; what is given to <see cref="Add"/> starts on a multiple of it.</summary>
    internal const int LeafBytes = 64 << 10;

    /// <summary>Bytes.</summary>
    internal const ulong ChunkBytes = 64 << 20;

    private const string Algorithm = "tree-sha256";
    private const int LeavesPerChunk = (int)(ChunkBytes / LeafBytes);
    private const int HashBytes = SHA256.HashSizeInBytes;

    private static readonly byte[] ZeroLeaf = SHA256.HashData(new byte[LeafBytes]);
    private static readonly byte[] ZeroChunk = HashOfZeroes(ChunkBytes);

    private readonly Lock _lock = new();

    // Chunks of which a part is known. As the disk is walked from front to back, these are few.
    private readonly Dictionary<ulong, Chunk> _open = [];

    // Chunks that are known; one that is zero has null.
    private readonly Dictionary<ulong, byte[]?> _known = [];

    private ulong Chunks => (size + ChunkBytes - 1) / ChunkBytes;

    /// <summary>Bytes at a place of the disk. The same place may come twice; a piece that is no whole leaf was part of one that came before, and is passed over.</summary>
    /// <param name="offset">Bytes.</param>
    /// <param name="data">Whole leaves, but for the end of the disk.</param>
    internal void Add(ulong offset, ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        while (data.Length > 0)
        {
            var leaf = data[..Math.Min(LeafBytes, data.Length)];
            if (offset % LeafBytes != 0 || (leaf.Length < LeafBytes && offset + (ulong)leaf.Length != size)) return;
            if (leaf.Length == LeafBytes && leaf.IndexOfAnyExcept((byte)0) < 0) ZeroLeaf.CopyTo(hash);
            else SHA256.HashData(leaf, hash);
            lock (_lock) Set(offset, hash);
            offset += (ulong)leaf.Length;
            data = data[leaf.Length..];
        }
    }

    /// <summary>A range of the disk is zero.</summary>
    /// <param name="offset">Bytes, a multiple of <see cref="LeafBytes"/>.</param>
    /// <param name="length">Bytes: whole leaves, but for the end of the disk.</param>
    internal void AddZeroes(ulong offset, ulong length)
    {
        var end = offset + length;
        while (offset < end)
        {
            var whole = Math.Min(ChunkBytes, size - (offset / ChunkBytes * ChunkBytes));
            if (offset % ChunkBytes == 0 && end - offset >= whole)
            {
                lock (_lock)
                {
                    _open.Remove(offset / ChunkBytes);
                    _known[offset / ChunkBytes] = null;
                }

                offset += whole;
                continue;
            }

            var leaf = Math.Min(LeafBytes, end - offset);
            lock (_lock) Set(offset, leaf == LeafBytes ? ZeroLeaf : SHA256.HashData(new byte[leaf]));
            offset += leaf;
        }
    }

    /// <summary>The digest of the disk, once all of it is known.</summary>
    /// <returns><c>tree-sha256:HEX</c>.</returns>
    /// <exception cref="InvalidOperationException">A part of the disk was never given.</exception>
    internal string Text()
    {
        using var root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (ulong chunk = 0; chunk < Chunks; chunk++) root.AppendData(HashOf(chunk));
        return $"{Algorithm}:{Convert.ToHexStringLower(root.GetHashAndReset())}";
    }

    /// <summary>Where another disk of the same size is the first time different.</summary>
    /// <param name="other">Its digest.</param>
    /// <returns>Offset and length of the chunk, in bytes; null where all are equal.</returns>
    internal (ulong Offset, ulong Length)? FirstDifference(DiskDigest other)
    {
        for (ulong chunk = 0; chunk < Chunks; chunk++)
        {
            if (!HashOf(chunk).AsSpan().SequenceEqual(other.HashOf(chunk))) return (chunk * ChunkBytes, LengthOf(chunk));
        }

        return null;
    }

    private static byte[] HashOfZeroes(ulong length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (; length >= LeafBytes; length -= LeafBytes) hash.AppendData(ZeroLeaf);
        if (length > 0) hash.AppendData(SHA256.HashData(new byte[length]));
        return hash.GetHashAndReset();
    }

    private ulong LengthOf(ulong chunk) => Math.Min(ChunkBytes, size - (chunk * ChunkBytes));

    private byte[] HashOf(ulong chunk)
    {
        if (!_known.TryGetValue(chunk, out var hash)) throw new InvalidOperationException($"the digest lacks bytes of the 64 MiB at offset {chunk * ChunkBytes}");
        if (hash is not null) return hash;
        return LengthOf(chunk) == ChunkBytes ? ZeroChunk : HashOfZeroes(LengthOf(chunk));
    }

    private void Set(ulong offset, ReadOnlySpan<byte> hash)
    {
        var number = offset / ChunkBytes;
        if (_known.ContainsKey(number)) return; // It came before.
        var leaves = (int)((LengthOf(number) + LeafBytes - 1) / LeafBytes);
        if (!_open.TryGetValue(number, out var chunk)) _open.Add(number, chunk = new Chunk(leaves));
        if (!chunk.Set((int)(offset % ChunkBytes / LeafBytes), hash)) return;
        _known.Add(number, SHA256.HashData(chunk.Hashes));
        _open.Remove(number);
    }

    private sealed class Chunk(int leaves)
    {
        private readonly ulong[] _set = new ulong[LeavesPerChunk / 64];
        private int _count;

        internal byte[] Hashes { get; } = new byte[leaves * HashBytes];

        /// <summary>True when all leaves are known.</summary>
        internal bool Set(int leaf, ReadOnlySpan<byte> hash)
        {
            hash.CopyTo(Hashes.AsSpan(leaf * HashBytes));
            var bit = 1UL << (leaf % 64);
            if ((_set[leaf / 64] & bit) != 0) return false;
            _set[leaf / 64] |= bit;
            return ++_count == leaves;
        }
    }
}
