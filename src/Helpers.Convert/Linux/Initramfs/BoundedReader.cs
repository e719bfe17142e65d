namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Reads a stream whole, up to a limit.</summary>
internal static class BoundedReader
{
    private const int SmallestBuffer = 1 << 20;

    /// <summary>All of a stream, or <see langword="null"/> where it is longer than the limit; then the rest is not read.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="limit">Most bytes.</param>
    /// <param name="expected">A guess of the length.</param>
    public static ReadOnlyMemory<byte>? ReadAll(Stream stream, long limit, long expected)
    {
        var buffer = new byte[Math.Clamp(expected, SmallestBuffer, Math.Max(limit, SmallestBuffer))];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, Math.Max(limit + 1, length + 1L)));
            var count = stream.Read(buffer, length, buffer.Length - length);
            if (count == 0)
                return buffer.AsMemory(0, length);
            length += count;
            if (length > limit)
            {
                stream.Close();
                return null;
            }
        }
    }
}
