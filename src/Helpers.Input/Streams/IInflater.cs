namespace Hyper2Kvm.Helpers.Input.Streams;

/// <summary>Inflates whole grains. For one thread at a time.</summary>
internal interface IInflater : IDisposable
{
    /// <summary>Inflates a zlib stream (RFC 1950), its checksum included.</summary>
    /// <param name="data">The stream is in it.</param>
    /// <param name="start">Where, bytes.</param>
    /// <param name="length">Its length, bytes.</param>
    /// <param name="output">Where the data goes; a stream with more in it is refused, so that no bomb takes more than this.</param>
    /// <returns>How many bytes came out, or -1 where the stream is damaged, cut, or too long.</returns>
    int Inflate(byte[] data, int start, int length, Span<byte> output);
}
