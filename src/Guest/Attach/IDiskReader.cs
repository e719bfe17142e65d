namespace Hyper2Kvm.Guest.Attach;

/// <summary>Bytes at offsets: what the parsers of partition tables and superblocks read through.</summary>
public interface IDiskReader
{
    /// <summary>Length, bytes.</summary>
    long Length { get; }

    /// <summary>Reads as much as there is.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="offset">From where, bytes; may lie past the end.</param>
    /// <returns>Bytes read: fewer than asked only at the end.</returns>
    int ReadAt(Span<byte> buffer, long offset);
}
