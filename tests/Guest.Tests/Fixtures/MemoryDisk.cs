using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>A disk of which only the first and last bytes are real; all between is zeros. Counts what is read.</summary>
internal sealed class MemoryDisk(long length, byte[] start, byte[]? end = null) : IDiskReader
{
    public long Length => length;

    public long BytesRead { get; private set; }

    public static MemoryDisk Of(string path, int edgeBytes)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        var (start, end) = (new byte[edgeBytes], new byte[edgeBytes]);
        RandomAccess.Read(file, start, 0);
        RandomAccess.Read(file, end, length - edgeBytes);
        return new MemoryDisk(length, start, end);
    }

    public int ReadAt(Span<byte> buffer, long offset)
    {
        offset.Should().BeGreaterThanOrEqualTo(0, "no parser may ask for bytes before the disk");
        var count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        buffer.Clear();
        Overlay(buffer[..count], offset, start, 0);
        Overlay(buffer[..count], offset, end ?? [], Length - (end?.Length ?? 0));
        BytesRead += count;
        return count;
    }

    private static void Overlay(Span<byte> buffer, long offset, byte[] part, long partOffset)
    {
        var from = Math.Max(offset, partOffset);
        var to = Math.Min(offset + buffer.Length, partOffset + part.Length);
        if (from < to)
        {
            part.AsSpan((int)(from - partOffset), (int)(to - from)).CopyTo(buffer[(int)(from - offset)..]);
        }
    }
}
