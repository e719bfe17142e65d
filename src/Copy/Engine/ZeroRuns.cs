namespace Hyper2Kvm.Copy;

/// <summary>Walks a buffer as runs of data and of zeroes, both in whole blocks (the last may be short).</summary>
internal ref struct ZeroRuns(ReadOnlySpan<byte> data, int block)
{
    private readonly ReadOnlySpan<byte> _data = data;

    /// <summary>Where the current run starts.</summary>
    internal int Start { get; private set; }

    internal int Length { get; private set; }

    internal bool IsZero { get; private set; }

    internal bool Next()
    {
        Start += Length;
        Length = 0;
        if (Start >= _data.Length) return false;
        IsZero = BlockIsZero(Start);
        Length = BlockLength(Start);
        while (Start + Length < _data.Length && BlockIsZero(Start + Length) == IsZero) Length += BlockLength(Start + Length);
        return true;
    }

    private readonly int BlockLength(int at) => Math.Min(block, _data.Length - at);

    // A block of data is nearly always told by its first bytes, so this costs next to nothing on data.
    private readonly bool BlockIsZero(int at) => _data.Slice(at, BlockLength(at)).IndexOfAnyExcept((byte)0) < 0;
}
